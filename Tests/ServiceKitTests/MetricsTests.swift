import Metrics
import ServiceKit
import Testing

@Suite struct MetricsTests {
    @Test func `counters, gauges and meters are rendered`() throws {
        let factory = PrometheusFactory()
        factory.describe("records.appended", "Events appended.")
        let counter = Counter(label: "records.appended", dimensions: [("kind", "issue")], factory: factory)
        counter.increment(by: 3)
        Counter(label: "records.appended", dimensions: [("kind", "issue")], factory: factory).increment()
        FloatingPointCounter(label: "records.cost", factory: factory).increment(by: 0.5)
        Gauge(label: "records.pool.size", factory: factory).record(7)
        let meter = Meter(label: "records.queue", factory: factory)
        meter.increment(by: 5)
        meter.decrement(by: 2)

        let text = try PrometheusText(factory.render())
        #expect([
            text["records_appended_total{kind=\"issue\"}"], text["records_cost_total"], text["records_pool_size"],
            text["records_queue"], text["cairn_metrics_dropped_series_total"],
        ] == [4, 0.5, 7, 3, 0])
        #expect(text.families["records_appended_total"]?.help == "Events appended.")
        #expect(text.order == text.order.sorted())
    }

    @Test func `timers are histograms in seconds with cumulative buckets`() throws {
        let factory = PrometheusFactory()
        let timer = Timer(label: "append", dimensions: [("ok", "yes")], factory: factory)
        for nanoseconds in [50_000, 100_000, 100_001, 2_000_000, 20_000_000_000] as [Int64] {
            timer.recordNanoseconds(nanoseconds)
        }
        let text = try PrometheusText(factory.render())
        let bounds = ["0.0001", "0.00025", "0.001", "0.0025", "10", "+Inf"]
        #expect(bounds.map { text["append_seconds_bucket{le=\"\($0)\",ok=\"yes\"}"] } == [2, 3, 3, 4, 4, 5])
        #expect(text.families["append_seconds"]?.samples.count == 19)
        let sum = try #require(text["append_seconds_sum{ok=\"yes\"}"])
        #expect(abs(sum - 20.002250001) < 1e-9)
    }

    @Test func `recorders are histograms in powers of ten`() throws {
        let factory = PrometheusFactory()
        let recorder = Recorder(label: "batch", factory: factory)
        for value in [1, 2, 10, 11, 5_000_000_000] as [Int64] { recorder.record(value) }
        recorder.record(Double.nan)
        let text = try PrometheusText(factory.render())
        #expect(["1", "10", "100", "1000000000", "+Inf"].map { text["batch_bucket{le=\"\($0)\"}"] } == [1, 3, 4, 4, 5])
        #expect(text["batch_sum"] == 5_000_000_024)
    }

    @Test(arguments: [
        ("plain", "plain"), ("a\"b\\c\nd", "a\"b\\c\nd"), ("é漢👩‍👩‍👧‍👦", "é漢👩‍👩‍👧‍👦"), ("}{,=", "}{,="),
        (String(repeating: "x", count: 500), String(repeating: "x", count: 128)), ("", ""),
    ])
    func `labels are escaped and bounded`(value: String, shown: String) throws {
        let factory = PrometheusFactory()
        Counter(label: "c", dimensions: [("v", value)], factory: factory).increment()
        #expect(try PrometheusText(factory.render())["c_total{v=\"\(shown)\"}"] == 1)
    }

    @Test func `names that Prometheus forbids are made good`() throws {
        let factory = PrometheusFactory()
        let dimensions = [("le", "1"), ("__x", "2"), ("a-b", "3"), ("a.b", "4"), ("9", "5"), ("", "6")]
        Counter(label: "9 lives-é/total", dimensions: dimensions, factory: factory).increment()
        let text = try PrometheusText(factory.render())
        let labels = #"_="6",_9="5",a_b="4",label___x="2",label_le="1""#
        #expect(text["_9_lives____total{\(labels)}"] == 1, "\(factory.render())")
    }

    @Test func `the number of series is bounded, and what is refused is counted`() throws {
        let factory = PrometheusFactory(seriesLimit: 30)
        for index in 0..<40 { Counter(label: "c", dimensions: [("i", "\(index)")], factory: factory).increment() }
        Timer(label: "t", factory: factory).recordNanoseconds(1)
        Counter(label: "c", dimensions: [("i", "3")], factory: factory).increment()
        let text = try PrometheusText(factory.render())
        #expect(text.families["c_total"]?.samples.count == 30)
        #expect(text["c_total{i=\"3\"}"] == 2)
        #expect(text.families["t_seconds"] == nil)
        #expect(text["cairn_metrics_dropped_series_total"] == 11)
    }

    @Test func `a name has one kind`() throws {
        let factory = PrometheusFactory()
        Gauge(label: "x", factory: factory).record(1)
        Recorder(label: "x", factory: factory).record(Int64(5))
        Recorder(label: "x", dimensions: [("a", "b")], factory: factory).record(Int64(5))
        let text = try PrometheusText(factory.render())
        #expect(text["x"] == 1 && text["cairn_metrics_dropped_series_total"] == 2)
    }

    @Test func `a destroyed series makes room once its last owner is gone`() throws {
        let factory = PrometheusFactory(seriesLimit: 1)
        let one = Counter(label: "a", factory: factory), two = Counter(label: "a", factory: factory)
        one.destroy()
        two.increment()
        #expect(try PrometheusText(factory.render())["a_total"] == 1)
        two.destroy()
        Counter(label: "b", factory: factory).increment()
        let text = try PrometheusText(factory.render())
        #expect(text.families["a_total"] == nil && text["b_total"] == 1)
    }

    @Test func `collectors are asked at each scrape and cannot spoil it`() throws {
        let factory = PrometheusFactory()
        Counter(label: "mine", factory: factory).increment()
        factory.addCollector {
            [
                Sample("lag", labels: [("partition", "1")], value: 5, help: "How far\nbehind."),
                Sample("lag", labels: [("partition", "2")], value: .infinity, help: "ignored"),
                Sample("lag", labels: [("partition", "1")], value: 9, help: "a duplicate"),
                Sample("lag", .counter, value: 9, help: "another kind"),
                Sample("mine_total", .counter, value: 9, help: "taken"),
                Sample("odd", value: .nan, help: ""),
            ]
        }
        factory.addCollector { [Sample("lag", labels: [("partition", "3")], value: -1e-7, help: "")] }
        let text = try PrometheusText(factory.render())
        #expect(text.families["lag"]?.samples == [
            "lag{partition=\"1\"}": 5, "lag{partition=\"2\"}": .infinity, "lag{partition=\"3\"}": -1e-7,
        ])
        #expect(text.families["lag"]?.help == "How far\\nbehind.")
        #expect(text["mine_total"] == 1 && text["odd"]?.isNaN == true)
        #expect(text["cairn_metrics_dropped_series_total"] == 3)
    }

    @Test func `the process describes itself`() throws {
        let text = try PrometheusText(PrometheusFactory().render())
        let found = [
            "process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds", "process_threads",
            "process_start_time_seconds",
        ].map { text[$0] ?? 0 }
        #expect(found.allSatisfy { $0 > 0 } && found[0] > 1e6 && found[4] > 1.7e9, "\(found)")
    }

    @Test func `the same metrics render the same way`() {
        func render(_ order: [Int]) -> String {
            let factory = PrometheusFactory()
            for index in order {
                Counter(label: "c\(index)", dimensions: [("i", "\(index % 3)")], factory: factory).increment()
            }
            return factory.render().split(separator: "\n").filter { !$0.contains("process_") }.joined(separator: "\n")
        }
        #expect(render(Array(0..<20)) == render((0..<20).reversed()))
    }

    @Test(.timeLimit(.minutes(1))) func `nothing is lost when many record at once`() async throws {
        let factory = PrometheusFactory()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for index in 0..<2000 {
                        Counter(label: "c", factory: factory).increment()
                        Recorder(label: "r", factory: factory).record(Int64(index))
                        if index % 500 == 0 { _ = factory.render() }
                    }
                }
            }
        }
        let text = try PrometheusText(factory.render())
        #expect(text["c_total"] == 16_000 && text["r_count"] == 16_000)
    }
}
