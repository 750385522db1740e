import Credentials
import Crypto
import Domain
import Foundation

/// Operations a second on one core, and the ratio to the bare signature primitive measured in the same round.
///
///     CredentialsBench [--rounds N] [--seconds S] [--only TEXT] [--write FILE]
///
/// `--only` measures the figures whose names contain the text; `--write` leaves the signed badge and its key for the same measurement in another language.
@main
struct CredentialsBench {
    static func main() async throws {
        let settings = try Settings(Array(CommandLine.arguments.dropFirst()))
        let material = try Material()
        if let file = settings.file { try material.write(to: file) }
        var figures: [Figure] = []
        for measured in try material.measurements() where settings.only.map(measured.name.contains) ?? true {
            var ratios: [Double] = [], rates: [Double] = [], floors: [Double] = []
            for round in 0..<settings.rounds {
                // Each begins every other round, so that neither always runs on the warmer machine.
                var rate = 0.0, floor = 0.0
                if round % 2 == 0 { rate = try await perSecond(settings.seconds, measured.work) }
                floor = try await perSecond(settings.seconds, measured.yardstick)
                if round % 2 == 1 { rate = try await perSecond(settings.seconds, measured.work) }
                ratios.append(rate / floor)
                rates.append(rate)
                floors.append(floor)
            }
            figures.append(Figure(name: measured.name, goal: measured.goal, ratio: median(ratios), rate: median(rates), floor: median(floors)))
        }
        for figure in figures { print(figure.json) }
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    private static func perSecond(_ seconds: Double, _ work: () async throws -> Void) async throws -> Double {
        let began = ContinuousClock.now
        var count = 0, elapsed = Duration.zero
        repeat {
            for _ in 0..<4 { try await work() }
            count += 4
            elapsed = began.duration(to: .now)
        } while elapsed < .seconds(seconds)
        return Double(count) / (Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18)
    }
}

struct Figure {
    var name: String, goal: String, ratio: Double, rate: Double, floor: Double

    var json: String {
        String(format: #"{"figure":"%@","goal":"%@","ratio":%.3f,"perSecond":%.1f,"milliseconds":%.3f,"yardstick":%.0f}"#, name, goal, ratio, rate, 1000 / rate, floor)
    }
}

struct Settings {
    var rounds = 5
    var seconds = 1.0
    var only: String?
    var file: String?

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw CredentialError("bench.usage", "\(name) needs a value.") }
            switch name {
            case "--rounds": rounds = max(1, Int(value) ?? 5)
            case "--seconds": seconds = Double(value) ?? 1
            case "--only": only = value
            case "--write": file = value
            default: throw CredentialError("bench.usage", "usage: CredentialsBench [--rounds N] [--seconds S] [--only TEXT] [--write FILE]")
            }
        }
    }
}
