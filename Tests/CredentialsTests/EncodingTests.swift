import Foundation
import Testing
@testable import Credentials

struct EncodingTests {
    @Test(arguments: [
        ("", ""), ("00", "1"), ("000000", "111"), ("61", "2g"), ("626262", "a3gV"), ("636363", "aPEr"),
        ("00000000000000000000", "1111111111"), ("516b6fcd0f", "ABnLTmg"), ("bf4f89001e670274dd", "3SEo3LWLoPntC"),
        ("00eb15231dfceb60925886b67d065299925915aeb172c06647", "1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9L"),
    ])
    func `base 58 both ways`(hex: String, text: String) {
        let bytes = stride(from: 0, to: hex.count, by: 2).map { UInt8(hex.dropFirst($0).prefix(2), radix: 16)! }
        #expect(Base58.encode(bytes) == text && Base58.decode(text) == bytes)
    }

    @Test func `base 58 of random bytes, against division one digit at a time`() {
        var generator = SystemRandomNumberGenerator()
        for length in 0..<200 {
            let bytes = (0..<length).map { $0 < length / 10 ? 0 : UInt8.random(in: 0...255, using: &generator) }
            let text = Base58.encode(bytes)
            guard text == plainBase58(bytes), Base58.decode(text) == bytes else {
                Issue.record("\(bytes)")
                return
            }
        }
    }

    @Test(arguments: ["0", "O", "I", "l", "é", " ", "a b"]) func `other characters are refused`(text: String) {
        #expect(Base58.decode(text) == nil)
    }

    @Test func `base64url in one spelling only`() {
        let bytes: [UInt8] = [0xFB, 0xFF, 0xFE, 0x00, 0x01]
        let text = Base64URL.encode(bytes)
        #expect(text == "-__-AAE" && Base64URL.decode(text) == bytes
            && ["-__-AAF", "-__-AAE=", "+//+AAE", "-__-A", " -__-AAE"].allSatisfy { Base64URL.decode($0) == nil })
    }

    @Test func `only the shortest form of a code counts`() {
        #expect(Multicodec.split([0xED, 0x01, 7])?.code == .ed25519Public && Multicodec.split([0xED, 0x81, 0x00, 7]) == nil
            && Multicodec.split([0xFF, 0xFF, 0xFF, 0xFF, 0xFF]) == nil && Multicodec.split([]) == nil)
    }

    private func plainBase58(_ bytes: [UInt8]) -> String {
        let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
        var digits: [Int] = []
        for byte in bytes {
            var carry = Int(byte)
            for place in digits.indices {
                carry += digits[place] << 8
                digits[place] = carry % 58
                carry /= 58
            }
            while carry > 0 {
                digits.append(carry % 58)
                carry /= 58
            }
        }
        return String(repeating: "1", count: bytes.prefix { $0 == 0 }.count) + String(digits.reversed().map { alphabet[$0] })
    }
}
