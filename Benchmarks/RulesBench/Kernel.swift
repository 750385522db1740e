import Foundation
import Glibc

/// The C kernel compiled for one instruction set and loaded into this process.
final class Kernel {
    typealias Columns = @convention(c) (UnsafePointer<UInt8>, Int, Int, Int, UnsafeMutablePointer<UInt64>) -> Void
    typealias Function = @convention(c) (
        UnsafePointer<UInt64>, Int, UnsafeMutablePointer<UInt64>, UnsafeMutablePointer<UInt64>
    ) -> Void

    let title: String
    private let library: UnsafeMutableRawPointer

    /// Those that this machine can run: first the one that our Swift is compiled for.
    static func all(_ source: KernelSource, _ options: Options) throws -> [Kernel] {
        let flags = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        var kinds = [("x86-64 (SSE2)", "x86-64", 16)]
        #if !arch(x86_64)
        kinds = [("baseline", "native", 16)]
        #endif
        if flags.contains(" avx2 ") { kinds.append(("x86-64-v3 (AVX2)", "x86-64-v3", 32)) }
        if flags.contains(" avx512_vpopcntdq ") { kinds.append(("native (AVX-512)", "native", 64)) }
        let path = options.work + "/kernel.c"
        try source.text.write(toFile: path, atomically: true, encoding: .utf8)
        return try kinds.map { try Kernel($0.0, march: $0.1, vector: $0.2, path, options) }
    }

    private init(_ title: String, march: String, vector: Int, _ path: String, _ options: Options) throws {
        self.title = title
        let output = options.work + "/kernel-\(march).so"
        let headers = URL(fileURLWithPath: options.source).deletingLastPathComponent().path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["cc", "-O3", "-march=\(march)", "-mprefer-vector-width=512", "-DVECTOR=\(vector)", "-I", headers,
                             "-shared", "-fPIC", "-o", output, path]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure("cc does not compile \(path) for \(march)") }
        guard let library = dlopen(output, RTLD_NOW) else { throw Failure(String(cString: dlerror())) }
        self.library = library
    }

    private func symbol(_ name: String) throws -> UnsafeMutableRawPointer {
        guard let symbol = dlsym(library, name) else { throw Failure("the kernel lacks \(name)") }
        return symbol
    }

    func columns() throws -> Columns { unsafeBitCast(try symbol("columns"), to: Columns.self) }
    func evaluate(_ pathway: Int) throws -> Function { unsafeBitCast(try symbol("evaluate_\(pathway)"), to: Function.self) }
    func rehearse(_ pathway: Int) throws -> Function { unsafeBitCast(try symbol("rehearse_\(pathway)"), to: Function.self) }
}
