/// How fast `Messaging` is, next to plain C on libzmq doing the same: CURVE over TCP on 127.0.0.1, server and client
/// in processes of their own, bodies of 600 opaque bytes, 64 requests outstanding.
///
///     swift run -c release MessagingBench [--rounds 7] [--seconds 2] [--outstanding 64] [--body-bytes 600]
///                                         [--source Benchmarks/raw_zmq.c]
///
/// Needs `cc` and libzmq's header for the yardstick. `serve` and `load` are what it starts itself as.
import Glibc

let words = Array(CommandLine.arguments.dropFirst())
do {
    switch words.first {
    case "serve": try await Ours.serve(Array(words.dropFirst()))
    case "load": try await Ours.load(Array(words.dropFirst()))
    default: try await Comparison(Options(words)).run()
    }
} catch {
    say("MessagingBench: \(error)", to: 2)
    exit(1)
}
