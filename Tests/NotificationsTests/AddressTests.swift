import Domain
import Egress
import Foundation
import ServiceKit
import Testing

@testable import Notifications

/// TESTPLAN §2.9: what a hostile partner writes into a webhook's address.
@Suite struct PublicURLTests {
    @Test(arguments: [
        "https://hooks.partner.org", "https://hooks.partner.org/a/b?c=d&e=%20", "https://hooks.partner.org:8443/x",
        "https://xn--bcher-kva.de/", "HTTPS://Hooks.Partner.ORG/A", "https://a-1.b2.partner.org:443/@x",
    ])
    func `a public host is accepted`(_ text: String) {
        guard case .success(let url) = PublicURL.parse(text, loopbackAllowed: false) else {
            Issue.record("\(text) was refused")
            return
        }
        #expect(PublicURL.parse(url.text, loopbackAllowed: false) == .success(url))
    }

    @Test(arguments: zip(
        [
            "http://hooks.partner.org/", "ftp://hooks.partner.org/", "file:///etc/passwd", "gopher://a.b/", "unix:/x",
            "https://127.1/", "https://0177.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://0x7f000001/",
            "https://0.0.0.0/", "https://[::]/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
            "https://[64:ff9b::7f00:1]/", "https://[fe80::1%25eth0]/", "https://169.254.169.254/",
            "https://8.8.8.8/", "https://localhost/", "https://localhost./", "https://hooks.partner.org./",
            "https://db.svc.cluster.local/", "https://metadata.google.internal/", "https://router.lan/",
            "https://good@127.0.0.1/", "https://user:pass@hooks.partner.org/", "https://hooks.partner.org\\@evil.org/",
            "https://evil.org#@hooks.partner.org/", "https://hooks.partner.org/#x", "https://hooks.partner.org:22/",
            "https://hooks.partner.org:5432/", "https://hooks.partner.org:80/", "https://hooks.partner.org:99999/",
            "https://hooks.partner.org:/", "https://hooks。partner。org/", "https://ｈooks.partner.org/", "https:///x",
            "https://", "https://-a.org/", "https://a..org/", "https://ex ample.org/", "https://a.org/\r\nHost: b",
            "https://hooks.partner.org:443:443/", "https://a_b.org/", "", "https://a.org/?q[]=1", "https://a.org/a%zz",
            "https://a.org/a%2",
        ],
        [
            "scheme", "scheme", "scheme", "scheme", "scheme",
            "host", "host", "host", "host", "host",
            "host", "host", "host", "host",
            "host", "host", "host",
            "host", "host", "host", "host",
            "host", "host", "host",
            "userinfo", "userinfo", "characters",
            "fragment", "fragment", "port",
            "port", "port", "port",
            "port", "characters", "characters", "host",
            "host", "host", "host", "characters", "characters",
            "port", "host", "scheme", "characters", "characters",
            "characters",
        ]))
    func `anything else is refused with its reason`(_ text: String, _ rule: String) {
        switch PublicURL.parse(text, loopbackAllowed: false) {
        case .success(let url): Issue.record("\(text) was accepted as \(url)")
        case .failure(let problem): #expect(problem.rule == rule, "\(text)")
        }
    }

    @Test func `a very long address is refused`() {
        let text = "https://hooks.partner.org/" + String(repeating: "a", count: 1980)
        guard case .failure(let problem) = PublicURL.parse(text, loopbackAllowed: false) else {
            Issue.record("accepted")
            return
        }
        #expect(problem.rule == "length")
    }

    @Test(arguments: [
        ("http://127.0.0.1:9000/x", true), ("http://localhost:1/", true), ("http://[::1]:9000/", true),
        ("http://127.0.0.2:9000/", false), ("http://10.0.0.1/", false), ("http://hooks.partner.org/", false),
        ("http://localhost.evil.org:80/", false), ("https://hooks.partner.org:9000/", false),
    ])
    func `the development switch opens loopback and nothing else`(_ text: String, _ accepted: Bool) {
        let parsed = PublicURL.parse(text, loopbackAllowed: true)
        #expect(((try? parsed.get()) != nil) == accepted, "\(parsed)")
        #expect(((try? parsed.get().isLoopback) ?? false) == accepted)
        #expect((try? PublicURL.parse(text, loopbackAllowed: false).get()) == nil)
    }
}

@Suite struct PublicAddressTests {
    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1",
        "192.31.196.1", "192.52.193.1", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
        "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::808:808",
        "64:ff9b:1::1", "100::1", "2001::1", "2001:2::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::",
        "2002:808:808::1", "2620:4f:8000::1", "3fff::1", "3fff:fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
        "fe80::1", "fec0::1", "ff02::1", "4000::1",
    ])
    func `an address that the world may not reach is denied`(_ text: String) throws {
        let address = try #require(PublicAddress(text))
        #expect(!address.isGloballyRoutable)
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.167.255.255",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "2001:200::1", "2001:4860:4860::8888", "2003::1",
        "2620:4f:8001::1", "2a00:1450::1", "3fff:1000::1", "3ffe::1",
    ])
    func `a public one beside the boundaries is not`(_ text: String) throws {
        let address = try #require(PublicAddress(text))
        #expect(address.isGloballyRoutable)
    }

    @Test(arguments: ["127.1", "0x7f.0.0.1", "fe80::1%eth0", "1.2.3.4 ", "", "a.b.c.d", "2130706433"])
    func `other spellings are no addresses`(_ text: String) { #expect(PublicAddress(text) == nil) }
}

@Suite struct WebhookClientTests {
    @Test func `a name that leads inside is not connected to`() async {
        let client = WebhookClient(logger: .init(label: "tests"))
        let url = PublicURL(isSecure: true, host: "localhost", port: 443, target: "/", isLoopback: false)
        #expect(await client.post(url, headers: [], body: []) == .notSent("blocked address"))
        await client.close()
    }

    @Test(.timeLimit(.minutes(1))) func `an answer that drips holds nobody up, and its status counts`() async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in(), size = socklen_t(MemoryLayout<sockaddr_in>.size)
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, size) == 0 && listen(listener, 1) == 0 && getsockname(listener, raw, &size) == 0
            }
        }
        try #require(bound)
        Thread.detachNewThread {
            let connection = accept(listener, nil, nil)
            var buffer = [UInt8](repeating: 0, count: 4096)
            _ = read(connection, &buffer, buffer.count)
            let head = Array("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".utf8)
            _ = send(connection, head, head.count, Int32(MSG_NOSIGNAL))
            while send(connection, [0x78], 1, Int32(MSG_NOSIGNAL)) == 1 { usleep(10_000) }
            close(connection)
            close(listener)
        }
        let client = WebhookClient(limit: .milliseconds(500), logger: .init(label: "tests"))
        let port = Int(UInt16(bigEndian: address.sin_port)), start = ContinuousClock.now
        let url = PublicURL(isSecure: false, host: "127.0.0.1", port: port, target: "/", isLoopback: true)
        #expect(await client.post(url, headers: [], body: [1]) == .answered(status: 200, retryAfter: nil))
        // To its end it would take a quarter of an hour.
        #expect(ContinuousClock.now - start < .seconds(20))
        await client.close()
    }

    @Test func `a closed port is nothing sent`() async {
        let client = WebhookClient(logger: .init(label: "tests"))
        let url = PublicURL(isSecure: false, host: "127.0.0.1", port: 1, target: "/", isLoopback: true)
        #expect(await client.post(url, headers: [], body: []) == .notSent("connect"))
        await client.close()
    }

    @Test(arguments: [
        ("120", Duration.seconds(120)), ("0", .zero), ("Sat, 21 Nov 2026 22:01:00 GMT", .seconds(60)),
        ("Sat, 21 Nov 2020 22:01:00 GMT", .zero), ("999999999", .seconds(86_400)),
    ])
    func `Retry-After is seconds or a date`(_ text: String, _ wait: Duration) throws {
        #expect(RetryAfter.read(text, at: try #require(Timestamp("2026-11-21T22:00:00Z"))) == wait)
    }

    @Test(arguments: ["-5", "soon", "", "1.5"])
    func `anything else in Retry-After is ignored`(_ text: String) {
        #expect(RetryAfter.read(text, at: .now) == nil)
    }
}
