// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@testable import CNI

/// A plugin that answers without doing anything.
struct QuietPlugin: CNIPlugin {
    static let name = "quiet"
    var result = CNIResult()
    var error: CNIError?

    func add(_ request: CNIRequest) throws -> CNIResult {
        try fail()
        return result.following(request.configuration.previousResult)
    }
    func del(_ request: CNIRequest) throws { try fail() }
    func check(_ request: CNIRequest) throws { try fail() }
    func gc(_ request: CNIRequest) throws {
        try fail()
        _ = try request.configuration.validAttachments()
    }
    func status(_ request: CNIRequest) throws { try fail() }

    private func fail() throws { if let error { throw error } }
}

/// A call of a plugin, and what came of it.
struct PluginCall {
    var variables: [String: String]
    var input: String
    var plugin = QuietPlugin()

    init(_ command: String, version: String? = "1.1.0", _ keys: String = "") {
        variables = [
            "CNI_COMMAND": command, "CNI_CONTAINERID": "c1", "CNI_NETNS": "/run/netns/c1", "CNI_IFNAME": "eth0",
            "CNI_PATH": "/opt/cni/bin",
        ]
        let versionKey = version.map { "\"cniVersion\":\"\($0)\"," } ?? ""
        input = #"{\#(versionKey)"name":"vpc","type":"quiet"\#(keys)}"#
    }

    func outcome() -> PluginProgram.Outcome {
        let input = input
        return PluginProgram(plugin, version: "0").run(in: PluginWorld(environment: variables) { Array(input.utf8) })
    }

    func document() throws -> JSONNode { try JSONParser.parse(Array(outcome().output.utf8)) }
    func code() throws -> Int? { try document()["code"]?.integer }
}

@Suite("CNI: options")
struct OptionTests {
    private func answer(_ words: String...) -> PluginProgram.Outcome? {
        PluginProgram(QuietPlugin(), version: "7").answer(options: words)
    }

    @Test("Up to the first word that is no option, with one dash or two, the version first")
    func answers() {
        let version = PluginProgram.Outcome(output: "7\n")
        #expect(answer("--version") == version)
        #expect(answer("-version", "x", "--bogus") == version)
        #expect(answer() == nil && answer("x", "--version") == nil && answer("--", "--version") == nil)
    }

    @Test("Help is no failure, and an unknown option is one of status 2")
    func usage() {
        for word in ["--help", "-help", "-h"] {
            #expect(answer(word) == .init(errorOutput: "Usage of quiet:\n  --version\n"))
        }
        let unknown = answer("-bogus")
        #expect(unknown?.status == 2 && unknown?.output == "")
        #expect(unknown?.errorOutput == "flag provided but not defined: -bogus\nUsage of quiet:\n  --version\n")
    }
}

@Suite("CNI: requests")
struct RequestTests {
    private static let prevResult = #","prevResult":{},"cni.dev/valid-attachments":[]"#

    @Test("Every command in every version that has it", arguments: ["ADD", "DEL", "CHECK", "GC", "STATUS"])
    func matrix(command: String) throws {
        for version in CNIVersion.all {
            let call = PluginCall(command, version: version.description, Self.prevResult)
            let since = CNICommand(rawValue: command)?.since ?? .current
            if version >= since {
                #expect(call.outcome().status == 0, "\(command) \(version)")
            } else {
                let code = try call.code()
                #expect(call.outcome().status == 1 && code == 1, "\(command) \(version)")
                #expect(try call.document()["msg"] == .string("config version does not allow \(command)"))
                #expect(try call.document()["cniVersion"] == .string(version.description))
            }
        }
    }

    @Test("VERSION answers in the version that it was asked with")
    func version() throws {
        let call = PluginCall("VERSION", version: "0.4.0")
        #expect(
            call.outcome().output
                == #"{"cniVersion":"0.4.0","supportedVersions":["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}"#
                + "\n")
        var silent = call
        silent.input = ""
        silent.variables = ["CNI_COMMAND": "VERSION"]
        #expect(try silent.document()["cniVersion"] == "1.1.0")
        silent.input = #"{"cniversion":"0.3.1"}"#
        #expect(try silent.document()["cniVersion"] == "0.3.1")
    }

    @Test("A configuration without a version is the oldest's; one of no known version is refused")
    func versions() throws {
        #expect(try PluginCall("ADD", version: nil).document()["cniVersion"] == "0.1.0")
        for version in ["0.5.0", "1.2.0", "9.9.9"] {
            let call = PluginCall("ADD", version: version)
            #expect(try call.code() == 1)
            #expect(try call.document()["details"]?.string?.contains("config is \"\(version)\"") == true)
        }
        for version in ["1", "1.0", "a.b.c", "1.0.0.0", "-1.0.0", "1.0.0 "] {
            #expect(try PluginCall("ADD", version: version).code() == 6)
        }
        var call = PluginCall("ADD")
        call.input = #"{"cniVersion":1,"name":"vpc"}"#
        #expect(try call.code() == 6)
    }

    @Test("Missing variables are named, all of them")
    func missingVariables() throws {
        var call = PluginCall("ADD")
        call.variables = ["CNI_COMMAND": "ADD"]
        #expect(
            try call.document()["msg"]
                == "required env variables [CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH] missing")
        #expect(try call.code() == 4)
        call.variables["CNI_COMMAND"] = "GC"
        #expect(try call.document()["msg"] == "required env variables [CNI_PATH] missing")
        call = PluginCall("DEL")
        call.variables["CNI_NETNS"] = nil
        #expect(call.outcome().status == 0)
    }

    @Test(
        "Variables that are not what the specification says",
        arguments: [
            ("CNI_CONTAINERID", "-a"), ("CNI_CONTAINERID", "a b"), ("CNI_CONTAINERID", "../x"),
            ("CNI_CONTAINERID", "ä"), ("CNI_CONTAINERID", "a\n"), ("CNI_IFNAME", "."), ("CNI_IFNAME", ".."),
            ("CNI_IFNAME", "a/b"), ("CNI_IFNAME", "a:b"), ("CNI_IFNAME", "a b"), ("CNI_IFNAME", "sixteen-letters-"),
            ("CNI_NETNS", "run/netns/a"), ("CNI_ARGS", "a"), ("CNI_ARGS", "a=b;c"), ("CNI_ARGS", "=b"),
            ("CNI_COMMAND", "add"), ("CNI_COMMAND", "ADD "),
        ])
    func badVariables(name: String, value: String) throws {
        for command in name == "CNI_COMMAND" ? [value] : ["ADD", "DEL", "CHECK"] {
            var call = PluginCall(command, Self.prevResult)
            call.variables[name] = value
            #expect(call.outcome().status == 1)
            #expect(try call.code() == 4)
            #expect(try call.document()["msg"]?.string?.contains(name) == true)
        }
    }

    @Test("Good variables", arguments: ["a", "A.b_c-9", "0" + String(repeating: "f", count: 10_000)])
    func goodContainerIDs(id: String) {
        var call = PluginCall("ADD")
        call.variables["CNI_CONTAINERID"] = id
        #expect(call.outcome().status == 0)
    }

    @Test(
        "Input that is no configuration",
        arguments: [
            ("", 6), ("{", 6), ("[]", 6), ("null", 6), ("{\"name\":1}", 7), ("{}", 7), (#"{"name":"a b"}"#, 7),
            (#"{"name":"-a"}"#, 7), (#"{"name":"vpc","cniVersion":"1.0.0","prevResult":[]}"#, 6),
            (#"{"name":"vpc","cniVersion":"1.0.0","prevResult":{"ips":[{"address":"10.0.0.1/24","interface":3}]}}"#, 6),
            (#"{"name":"vpc","cniVersion":"1.0.0","prevResult":{"ips":{}}}"#, 6),
        ])
    func badInput(input: String, code: Int) throws {
        var call = PluginCall("ADD")
        call.input = input
        #expect(try call.code() == code, "\(call.outcome().output)")
    }

    @Test("Input that cannot be read")
    func unreadable() throws {
        struct Broken: Error {}
        let world = PluginWorld(environment: PluginCall("ADD").variables) { throw Broken() }
        let outcome = PluginProgram(QuietPlugin(), version: "0").run(in: world)
        #expect(try JSONParser.parse(Array(outcome.output.utf8))["code"] == 5)
    }

    @Test("CHECK needs the result of ADD, GC the list of what is attached")
    func needs() throws {
        #expect(try PluginCall("CHECK").code() == 7)
        #expect(try PluginCall("GC").code() == 7)
        #expect(try PluginCall("GC", #","cni.dev/valid-attachments":[{"containerID":"a"}]"#).code() == 7)
    }

    @Test("By hand: what it is, and a status that says nothing went wrong")
    func byHand() {
        var call = PluginCall("")
        call.variables = [:]
        let outcome = call.outcome()
        #expect(outcome.output == "" && outcome.status == 0)
        #expect(outcome.errorOutput.contains("CNI protocol versions supported: 0.1.0, 0.2.0, 0.3.0"))
    }

    @Test("A plugin's own error is passed on as it is, in the request's version")
    func errors() throws {
        var call = PluginCall("DEL", version: "0.3.1")
        call.plugin.error = CNIError(.tryAgainLater, "later", details: "why")
        #expect(
            try call.document()
                == ["cniVersion": "0.3.1", "code": 11, "msg": "later", "details": "why"] as JSONNode)
    }
}

@Suite("CNI: CNI_ARGS")
struct ArgumentsTests {
    @Test("The last pair of a key counts; a value may have equals signs in it")
    func pairs() throws {
        let arguments = try CNIArguments("A=1;B=x=y;A=2;;C=")
        #expect(arguments["A"] == "2" && arguments["B"] == "x=y" && arguments["C"] == "" && arguments["D"] == nil)
    }

    @Test("Unknown keys are refused by name, unless they are to be ignored")
    func unknown() throws {
        let error = #expect(throws: CNIError.self) { try CNIArguments("A=1;B=2;C=3").require(["B"]) }
        #expect(error?.code == .invalidEnvironment && error?.message == "unknown args in CNI_ARGS: A, C")
        for value in ["1", "true", "True", "t"] {
            try CNIArguments("A=1;IgnoreUnknown=\(value)").require([])
        }
        #expect(throws: CNIError.self) { try CNIArguments("A=1;IgnoreUnknown=0").require([]) }
    }
}
