/// A value read when somebody scrapes: a lag, the size of a pool.
package struct Sample: Sendable {
    package enum Kind: String, Sendable {
        case counter, gauge
    }

    /// The full name, unit and `_total` included; characters that Prometheus forbids become `_`.
    package var name: String
    package var kind: Kind
    package var labels: [(String, String)]
    package var value: Double
    package var help: String

    package init(_ name: String, _ kind: Kind = .gauge, labels: [(String, String)] = [], value: Double, help: String) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.value = value
        self.help = help
    }
}
