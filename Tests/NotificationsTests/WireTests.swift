import Domain
import Foundation
import Support
import Testing

@testable import Notifications

@Suite struct WireTests {
    private let events = CloudEvents(deployment: "local", issuer: "https://cairn.example")
    private let learner = EntityID<Learner>("0190a000-0000-7000-8000-000000000001")!
    private let subscription = EntityID<Subscription>("0190a000-0000-7000-8000-0000000000aa")!
    private let pairwise = UUID(text: "10000000-0000-8000-8000-000000000001")!
    private let eventID = UUID(text: "20000000-0000-8000-8000-000000000002")!
    private let reference = UUID(text: "30000000-0000-8000-8000-000000000003")!

    private func item(_ payload: String, kind: FeedItem.Kind = .event, type: EventType = AttainmentRecorded.type) -> FeedItem {
        FeedItem(
            subscription: subscription, sequence: 17, kind: kind, learner: learner, id: UUID(), covers: type,
            count: kind == .backfillCompleted ? 3 : nil, isRetracted: false,
            createdAt: Timestamp("2026-11-21T22:00:00Z")!,
            event: kind == .event
                ? LearnerEvent(
                    type: type, version: 1, effectiveAt: Timestamp("2026-11-20T00:00:00Z")!,
                    recordedAt: Timestamp("2026-11-21T21:35:00.123456Z")!, payload: Array(payload.utf8))
                : nil)
    }

    private let payload = """
        {"attainment":"0190a000-0000-7000-8000-000000000041","basis":"assessed","effectiveFrom":"2026-11-20",\
        "learner":"0190a000-0000-7000-8000-000000000001","level":3,"provenance":{"actor":"license:9"},\
        "target":"https://frameworks.example/items/7"}
        """

    @Test func `an event leaves in exactly these bytes`() throws {
        let item = item(payload)
        let content = try DisclosedContent(item)
        let body = events.allowed(item, content, subject: pairwise, id: eventID, references: [reference])
        #expect(String(decoding: body.serialized(), as: UTF8.self) == """
            {"data":{"attainment":"30000000-0000-8000-8000-000000000003","basis":"assessed",\
            "effectiveFrom":"2026-11-20","level":3,"target":"https://frameworks.example/items/7"},\
            "datacontenttype":"application/json",\
            "dataschema":"https://cairn.example/schemas/records.attainment_recorded/1",\
            "effectivetime":"2026-11-20T00:00:00Z","id":"20000000-0000-8000-8000-000000000002",\
            "partitionkey":"10000000-0000-8000-8000-000000000001","sequence":"17","source":"/cairn/local/records",\
            "specversion":"1.0","subject":"10000000-0000-8000-8000-000000000001","time":"2026-11-21T21:35:00.123456Z",\
            "type":"records.attainment_recorded"}
            """)
    }

    @Test func `no name of an event or of a learner is the same for two partners`() throws {
        let item = item(payload)
        let content = try DisclosedContent(item)
        let one = events.allowed(item, content, subject: UUID(), id: UUID(), references: [UUID()])
        let other = events.allowed(item, content, subject: UUID(), id: UUID(), references: [UUID()])
        #expect(one.object?.names.filter { one[$0] == other[$0] } == [
            "datacontenttype", "dataschema", "effectivetime", "sequence", "source", "specversion", "time", "type",
        ])
    }

    @Test func `records is asked for exactly the members and ids that would leave`() throws {
        let content = try DisclosedContent(item(payload))
        #expect(content.fields == ["attainment", "basis", "effectiveFrom", "level", "target"])
        #expect(content.references == [UUID(text: "0190a000-0000-7000-8000-000000000041")!])
    }

    @Test func `what should be an id and is none does not leave, nor does null`() throws {
        let item = item(#"{"attainment":"Ann Example","basis":null,"target":"t"}"#)
        let content = try DisclosedContent(item)
        let body = events.allowed(item, content, subject: pairwise, id: eventID, references: [])
        #expect(body["data"] == ["target": "t"])
    }

    @Test func `what is withheld carries its sequence and nothing else`() {
        let (id, body) = events.withheld(item(payload))
        #expect(body == [
            "id": .string(id.text), "sequence": "17", "source": "/cairn/local/notifications", "specversion": "1.0",
            "type": "notifications.withheld",
        ])
        #expect(events.withheld(item("{}")).id == id)
    }

    @Test func `a retraction names what had left, by the ids under which it left`() {
        let (_, body) = events.retraction(
            item("", kind: .retraction), purpose: "p", subject: pairwise, gone: [.init(sequence: 3, event: eventID)])
        #expect(body["data"] == [
            "events": ["20000000-0000-8000-8000-000000000002"], "purpose": "p", "sequences": ["3"],
        ])
        #expect(body["subject"] == .string(pairwise.text))
    }

    @Test func `a completed backfill counts its events`() throws {
        let item = item("", kind: .backfillCompleted)
        let body = events.allowed(
            item, try DisclosedContent(item), subject: pairwise, id: eventID, references: [])
        #expect(body["type"] == "notifications.backfill_completed")
        #expect(body["data"] == ["count": 3])
    }

    /// The gateway gets the page through our own JSON; what comes out there must be what a webhook carries.
    @Test func `a page of the feed has the bytes of the webhook after it went through the mesh`() throws {
        let item = item(payload.replacing("\"level\":3", with: "\"level\":2.75"))
        let body = events.allowed(
            item, try DisclosedContent(item), subject: pairwise, id: eventID, references: [reference])
        let reply = Wire.encode(ReadFeed.Reply(events: [body], next: "17", head: "17"))
        let read: ReadFeed.Reply = try Wire.decode(from: reply)
        #expect(read.events[0].serialized() == body.serialized())
    }
}

@Suite struct WebhookSignatureTests {
    private static let vectors = "standards/standard-webhooks/vectors.json"

    private struct Vector: Decodable {
        var name: String
        var secret: String?
        var id: String?
        var timestamp: Int64?
        var body: String?
        var headers: [String: String]?
        var expect: String?
    }

    @Test(.needsShared(vectors)) func `valid vectors of Standard Webhooks carry the signature that we make`() throws {
        let all = try JSONDecoder().decode([Vector].self, from: Data(SharedFiles.bytes(Self.vectors)))
        var checked = 0
        for vector in all where vector.expect == "valid" {
            let signatures = (vector.headers?["webhook-signature"] ?? "").split(separator: " ").map(String.init)
            // Those with public keys or without a shared secret are for version v1a, which we do not make.
            guard signatures.contains(where: { $0.hasPrefix("v1,") }), let id = vector.id, let body = vector.body,
                  let timestamp = vector.timestamp, let secret = vector.secret.flatMap({ WebhookSecret($0) })
            else { continue }
            let ours = secret.signature(id: id, timestamp: timestamp, body: Array(body.utf8))
            #expect(signatures.contains(ours), "\(vector.name)")
            checked += 1
        }
        #expect(checked > 0)
    }

    @Test func `every subscription has a secret of its own, always the same one`() {
        let key = SigningKey(Array(repeating: 1, count: 32))
        let one = EntityID<Subscription>.make(), other = EntityID<Subscription>.make()
        #expect(key.secret(of: one).text == key.secret(of: one).text)
        #expect(key.secret(of: one).text != key.secret(of: other).text)
        #expect(key.secret(of: one).text.hasPrefix("whsec_"))
        #expect(WebhookSecret(key.secret(of: one).text)?.bytes == key.secret(of: one).bytes)
        #expect(SigningKey(Array(repeating: 2, count: 32)).secret(of: one).text != key.secret(of: one).text)
    }
}
