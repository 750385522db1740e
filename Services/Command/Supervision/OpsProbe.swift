import AsyncHTTPClient
import Domain
import NIOCore
import ServiceKit

/// What a process says about itself on its port for health and metrics.
struct OpsProbe: Sendable {
    struct Sample: Sendable, Hashable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    var isReady: Bool
    /// Why it is not ready.
    var problems: [String]
    var samples: [Sample]

    /// nil when nobody answers within two seconds.
    static func ask(_ address: ListenAddress) async -> OpsProbe? {
        guard let (status, report) = await get(address, "/health/ready"),
              let (_, metrics) = await get(address, "/metrics") else { return nil }
        let failing = (try? JSONValue.parse(report))?["failing"]?.array ?? []
        let problems = failing.map { failure in
            [failure["check"]?.text, failure["reason"]?.text].compactMap { $0 }.joined(separator: ": ")
        }
        return OpsProbe(
            isReady: status == 200, problems: problems, samples: parse(String(decoding: metrics, as: UTF8.self)))
    }

    static func isReady(_ address: ListenAddress) async -> Bool { await get(address, "/health/ready")?.0 == 200 }

    func value(_ name: String) -> Double? { samples.first { $0.name == name }?.value }

    /// The text format of Prometheus, as far as our own exporter writes it.
    static func parse(_ text: String) -> [Sample] {
        text.split(separator: "\n").compactMap { line in
            guard !line.hasPrefix("#"), let blank = line.lastIndex(of: " "),
                  let value = Double(line[line.index(after: blank)...]) else { return nil }
            let series = line[..<blank]
            guard let brace = series.firstIndex(of: "{"), series.hasSuffix("}") else {
                return Sample(name: String(series), labels: [:], value: value)
            }
            let pairs = series[series.index(after: brace)...].dropLast().split(separator: ",").compactMap { pair in
                pair.firstIndex(of: "=").map { equals in
                    (String(pair[..<equals]), String(pair[pair.index(after: equals)...].dropFirst().dropLast()))
                }
            }
            return Sample(
                name: String(series[..<brace]), labels: Dictionary(pairs) { first, _ in first }, value: value)
        }
    }

    private static func get(_ address: ListenAddress, _ path: String) async -> (UInt, [UInt8])? {
        do {
            let response = try await API.http.execute(
                HTTPClientRequest(url: "http://\(address)\(path)"), timeout: .seconds(2))
            let body = try await response.body.collect(upTo: 4 << 20)
            return (response.status.code, Array(body.readableBytesView))
        } catch { return nil }
    }
}
