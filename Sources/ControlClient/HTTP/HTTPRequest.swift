// SPDX-License-Identifier: Apache-2.0

/// One request of the AWS JSON 1.1 protocol: always `POST /`, the operation in a field, JSON in the body.
struct HTTPRequest {
    /// "AmazonEC2ContainerServiceV20141113.RunTask".
    var target: String
    var body: [UInt8]

    /// The request as it goes over the connection, which serves this one request.
    var bytes: [UInt8] {
        let head = """
            POST / HTTP/1.1\r
            Host: tasknet\r
            User-Agent: tasknet\r
            Content-Type: application/x-amz-json-1.1\r
            X-Amz-Target: \(target)\r
            Content-Length: \(body.count)\r
            Connection: close\r
            \r

            """
        return Array(head.utf8) + body
    }
}
