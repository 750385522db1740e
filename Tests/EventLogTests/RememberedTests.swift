@testable import EventLog
import Testing

/// What is remembered is what was told last, within the bound, and the newest half of it at least.
@Suite struct RememberedTests {
    @Test func `what was told last is remembered until it is forgotten`() {
        let memory = Remembered<Int, String>(bytesMax: 100)
        memory.remember("a", for: 1, bytes: 10)
        memory.remember("b", for: 1, bytes: 10)
        #expect(memory[1] == "b" && memory[2] == nil)
        memory.forget(1)
        #expect(memory[1] == nil)
    }

    @Test func `the newest half stays, and what is used stays with it`() {
        let memory = Remembered<Int, Int>(bytesMax: 100)
        for key in 1...20 {
            memory.remember(key, for: key, bytes: 10)
            #expect(memory[1] == 1)
        }
        #expect((17...20).allSatisfy { memory[$0] == $0 })
        #expect((2...10).allSatisfy { memory[$0] == nil })
    }

    @Test func `what would take the room of all others is not kept`() {
        let memory = Remembered<Int, Int>(bytesMax: 100)
        memory.remember(1, for: 1, bytes: 50)
        memory.remember(2, for: 2, bytes: 51)
        #expect(memory[1] == 1 && memory[2] == nil)
    }
}
