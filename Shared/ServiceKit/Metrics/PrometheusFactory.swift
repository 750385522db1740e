import Metrics
import Synchronization

/// Keeps every metric of the process and writes them for Prometheus. Install it once with
/// `MetricsSystem.bootstrap(_:)`; `OpsServer` answers `/metrics` with `render()`.
///
/// Names: dots become underscores, counters end in `_total`, timers in `_seconds`. The first use of a name decides its
/// kind; a later use as another kind is refused. At most `seriesLimit` series are kept (a histogram is as many as it has
/// lines); what is refused works but is not shown, and `cairn_metrics_dropped_series_total` counts it.
package final class PrometheusFactory: MetricsFactory {
    /// Bound of the collectors too: 64, and as many samples in one scrape as there may be series.
    package static let seriesLimit = 10_000
    private static let collectorLimit = 64
    private static let droppedName = "cairn_metrics_dropped_series_total"

    private enum Kind: String {
        case counter, gauge, histogram
    }

    private struct Entry {
        var instrument: any Instrument
        /// How many handlers were made of it and not destroyed.
        var owners: Int
    }

    private struct Family {
        var kind: Kind
        var series: [String: Entry] = [:]
    }

    private struct Place: Hashable {
        var family: String
        var labels: String
    }

    private struct Registry {
        var families: [String: Family] = [:]
        var places: [ObjectIdentifier: Place] = [:]
        var helps: [String: String] = [:]
        var collectors: [@Sendable () -> [Sample]] = []
        var seriesCount = 0
        var dropped: UInt64 = 0
    }

    private let registry: Mutex<Registry>
    private let limit: Int

    package init(seriesLimit: Int = seriesLimit) {
        limit = seriesLimit
        var registry = Registry()
        registry.collectors.append(ProcessMetrics.samples)
        self.registry = Mutex(registry)
    }

    /// The sentence of `# HELP` for a metric, by the label its code uses or by its full name.
    package func describe(_ name: String, _ help: String) {
        registry.withLock { if $0.helps.count < limit { $0.helps[Exposition.name(name)] = help } }
    }

    /// Adds values that are read at each scrape. The closure must be quick and must not block.
    package func addCollector(_ collector: @escaping @Sendable () -> [Sample]) {
        registry.withLock {
            precondition($0.collectors.count < Self.collectorLimit, "more than \(Self.collectorLimit) collectors")
            $0.collectors.append(collector)
        }
    }

    // MARK: MetricsFactory

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        register(label, suffix: "_total", .counter, dimensions) { CounterInstrument() }
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        register(label, suffix: "_total", .counter, dimensions) { CounterInstrument() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        register(label, suffix: "", .gauge, dimensions) { GaugeInstrument() }
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if !aggregate { return register(label, suffix: "", .gauge, dimensions) { GaugeInstrument() } }
        return register(label, suffix: "", .histogram, dimensions) {
            HistogramInstrument(bounds: HistogramInstrument.powersOfTen)
        }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        register(label, suffix: "_seconds", .histogram, dimensions) {
            HistogramInstrument(bounds: HistogramInstrument.seconds)
        }
    }

    package func destroyCounter(_ handler: any CounterHandler) { release(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { release(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { release(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { release(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { release(handler) }

    private func register<Made: Instrument>(
        _ label: String, suffix: String, _ kind: Kind, _ dimensions: [(String, String)], _ make: () -> Made
    ) -> Made {
        var name = Exposition.name(label)
        if !name.hasSuffix(suffix) { name += suffix }
        let labels = Exposition.labels(dimensions)
        return registry.withLock { registry in
            if let known = registry.families[name]?.series[labels] {
                guard let instrument = known.instrument as? Made, registry.families[name]?.kind == kind else {
                    registry.dropped += 1
                    return make()
                }
                registry.families[name]?.series[labels]?.owners += 1
                return instrument
            }
            let made = make()
            var family = registry.families[name] ?? Family(kind: kind)
            guard family.kind == kind, registry.seriesCount + made.seriesCount <= limit else {
                registry.dropped += 1
                return made
            }
            family.series[labels] = Entry(instrument: made, owners: 1)
            registry.families[name] = family
            registry.places[ObjectIdentifier(made)] = Place(family: name, labels: labels)
            registry.seriesCount += made.seriesCount
            if registry.helps[name] == nil { registry.helps[name] = registry.helps[Exposition.name(label)] }
            return made
        }
    }

    private func release(_ handler: AnyObject) {
        registry.withLock { registry in
            guard let place = registry.places[ObjectIdentifier(handler)],
                  let entry = registry.families[place.family]?.series[place.labels]
            else { return }
            if entry.owners > 1 {
                registry.families[place.family]?.series[place.labels]?.owners -= 1
                return
            }
            registry.places[ObjectIdentifier(handler)] = nil
            registry.families[place.family]?.series[place.labels] = nil
            if registry.families[place.family]?.series.isEmpty == true { registry.families[place.family] = nil }
            registry.seriesCount -= entry.instrument.seriesCount
        }
    }

    // MARK: Rendering

    /// All metrics in text format 0.0.4, families by name, series by labels. Blocks nobody who records meanwhile.
    package func render() -> String {
        let (families, helps, collectors) = registry.withLock { ($0.families, $0.helps, $0.collectors) }
        var pieces: [String: String] = [:]
        for (name, family) in families {
            var text = ""
            Exposition.head(name, kind: family.kind.rawValue, help: helps[name] ?? name, to: &text)
            for (labels, entry) in family.series.sorted(by: { $0.key < $1.key }) {
                entry.instrument.render(name, labels, to: &text)
            }
            pieces[name] = text
        }
        let refused = collect(collectors, into: &pieces)
        let dropped = registry.withLock {
            $0.dropped += UInt64(refused)
            return $0.dropped
        }
        var text = ""
        Exposition.head(
            Self.droppedName, kind: "counter", help: "Metrics refused: too many series, or a name of another kind.",
            to: &text)
        Exposition.line(Self.droppedName, "", "\(dropped)", to: &text)
        pieces[Self.droppedName] = text
        return pieces.sorted { $0.key < $1.key }.map(\.value).joined()
    }

    /// Adds what the collectors say, each series once and no family twice: one duplicate spoils a whole scrape.
    /// Returns how many samples were refused.
    private func collect(_ collectors: [@Sendable () -> [Sample]], into pieces: inout [String: String]) -> Int {
        var groups: [String: (first: Sample, values: [String: Double])] = [:]
        var kept = 0, refused = 0
        for sample in collectors.lazy.flatMap({ $0() }) {
            let name = Exposition.name(sample.name)
            let labels = Exposition.labels(sample.labels)
            guard kept < limit, pieces[name] == nil, name != Self.droppedName,
                  groups[name]?.values[labels] == nil, groups[name].map({ $0.first.kind == sample.kind }) ?? true
            else {
                refused += 1
                continue
            }
            groups[name, default: (sample, [:])].values[labels] = sample.value
            kept += 1
        }
        for (name, group) in groups {
            var text = ""
            Exposition.head(name, kind: group.first.kind.rawValue, help: group.first.help, to: &text)
            for (labels, value) in group.values.sorted(by: { $0.key < $1.key }) {
                Exposition.line(name, labels, Exposition.number(value), to: &text)
            }
            pieces[name] = text
        }
        return refused
    }
}
