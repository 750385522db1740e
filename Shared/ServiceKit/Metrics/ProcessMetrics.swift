import Glibc

/// What Prometheus' dashboards expect of any process, read from `/proc` at each scrape. What cannot be read is left out.
enum ProcessMetrics {
    /// Files of `/proc` are a few hundred bytes; `/proc/stat` has a line per core and interrupt.
    private static let limitBytes = 262_144

    static let samples: @Sendable () -> [Sample] = {
        var samples: [Sample] = []
        if let process = fields("/proc/self/stat") {
            let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
            if let user = process.value(14), let system = process.value(15) {
                samples.append(Sample(
                    "process_cpu_seconds_total", .counter, value: (user + system) / ticks,
                    help: "User and system CPU time spent, in seconds."))
            }
            if let threads = process.value(20) {
                samples.append(Sample("process_threads", value: threads, help: "Threads of the process."))
            }
            if let started = process.value(22), let boot = bootTime {
                samples.append(Sample(
                    "process_start_time_seconds", value: boot + started / ticks,
                    help: "When the process started, in seconds since 1970."))
            }
            if let pages = process.value(24) {
                samples.append(Sample(
                    "process_resident_memory_bytes", value: pages * Double(sysconf(Int32(_SC_PAGESIZE))),
                    help: "Resident memory, in bytes."))
            }
        }
        if let count = openDescriptors() {
            samples.append(Sample("process_open_fds", value: Double(count), help: "Open file descriptors."))
        }
        return samples
    }

    /// Field 3 and later of `proc(5)`'s stat; the command before them may hold blanks and parentheses.
    private struct Fields {
        let rest: [Substring]
        func value(_ number: Int) -> Double? { rest.indices.contains(number - 3) ? Double(rest[number - 3]) : nil }
    }

    private static func fields(_ path: String) -> Fields? {
        guard let text = text(path), let end = text.lastIndex(of: ")") else { return nil }
        return Fields(rest: text[text.index(after: end)...].split { $0 == " " || $0 == "\n" })
    }

    private static let bootTime: Double? = {
        let line = text("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst("btime ".count)) }
    }()

    private static func text(_ path: String) -> String? {
        guard let file = try? BoundedFile.read(path, limitBytes: limitBytes) else { return nil }
        return String(validating: file.bytes, as: UTF8.self)
    }

    private static func openDescriptors() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            if entry.pointee.d_name.0 != CChar(bitPattern: UInt8(ascii: ".")) { count += 1 }
        }
        // The folder itself is open while it is read.
        return count - 1
    }
}
