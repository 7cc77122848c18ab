import { describe, expect, it } from "vitest";
import {
  explainConnectFailure,
  formatEndpoint,
  parseEndpoint,
  systemCode,
} from "../../src/client/endpoint.ts";
import { ConfigError, ConnectionError } from "../../src/client/errors.ts";
import { systemError } from "../support/fake-platform.ts";

describe("parseEndpoint", () => {
  it.each([
    ["localhost:9092", "localhost", 9092],
    ["  kafka-1.example.com:65535 ", "kafka-1.example.com", 65535],
    ["10.0.0.1:1", "10.0.0.1", 1],
    ["[::1]:9092", "::1", 9092],
    ["[fe80::1:2]:9092", "fe80::1:2", 9092],
    ["[::ffff:10.0.0.1]:9092", "::ffff:10.0.0.1", 9092],
    ["[fe80::1%eth0]:9092", "fe80::1%eth0", 9092],
    ["PLAINTEXT://broker:9092", "broker", 9092],
    ["SASL_SSL://[::1]:9093", "::1", 9093],
    ["my_broker:9092", "my_broker", 9092],
  ])("reads %j", (text, host, port) => {
    const endpoint = parseEndpoint(text);
    expect(endpoint).toEqual({ host, port });
    expect(parseEndpoint(formatEndpoint(endpoint))).toEqual(endpoint);
  });

  it.each([
    "",
    "localhost",
    "localhost:",
    ":9092",
    "localhost:0",
    "localhost:65536",
    "localhost:99999",
    "localhost:9092x",
    "localhost:-1",
    "localhost:9 092",
    "::1:9092",
    "[::1]",
    "[]:9092",
    "[localhost]:9092",
    "localhost:9092/path",
    "a:9092,b:9092",
    "://localhost:9092",
    "http://user:secret@host:9092",
  ])("refuses %j", (text) => {
    expect(() => parseEndpoint(text)).toThrow(ConfigError);
    expect(() => parseEndpoint(text)).toThrow('is not an address: write "host:port"');
  });
});

describe("explainConnectFailure", () => {
  const endpoint = { host: "::1", port: 9092 };
  const explain = (error: unknown, tls: object | null = null): ConnectionError =>
    explainConnectFailure(endpoint, tls, error);

  it.each([
    ["ECONNREFUSED", null, "nothing listens there"],
    ["ECONNRESET", null, "the peer reset the connection"],
    ["ECONNRESET", {}, "the peer hung up during the TLS handshake"],
    ["EHOSTUNREACH", null, "no route to that host"],
    ["ENETUNREACH", {}, "no route to that network"],
    ["ETIMEDOUT", null, "the host does not answer"],
    ["EMFILE", null, "connect EMFILE"],
  ])("of %s can go away by itself", (code, tls, message) => {
    const cause = systemError(code);
    const error = explain(cause, tls);
    expect(error).toMatchObject({ code: "CONNECTION_FAILED", broker: "[::1]:9092", retriable: true });
    expect(error.message).toMatch(/^Cannot connect to \[::1\]:9092/);
    expect(error.message).toContain(message);
    expect(error.cause).toBe(cause);
  });

  it.each([
    ["EPROTO", "the port does not speak TLS"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "the port does not speak TLS"],
    ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "the port does not speak TLS"],
    ["CERT_HAS_EXPIRED", "has expired: renew it"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "connect by a name that it carries"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "give its PEM as sslTruststoreCertificates"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "give its PEM as sslTruststoreCertificates"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "give its PEM as sslTruststoreCertificates"],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "give its PEM as sslTruststoreCertificates"],
    ["ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR", "check the certificates of both sides"],
  ])("of %s does not go away by itself", (code, remedy) => {
    const error = explain(systemError(code, "bad"), {});
    expect(error).toMatchObject({ code: "TLS_FAILED", retriable: false });
    expect(error.message).toMatch(/^No TLS session with \[::1\]:9092 \(bad\): /);
    expect(error.message).toContain(remedy);
  });

  it.each([null, {}])("of a right that Deno does not give does not go away by itself (tls: %s)", (tls) => {
    const cause = Object.assign(new Error("Requires net access to ..."), { name: "NotCapable" });
    expect(explain(cause, tls)).toMatchObject({
      code: "CONNECTION_FAILED",
      retriable: false,
      message: "Cannot connect to [::1]:9092: this process may not (Requires net access to ...)",
      cause,
    });
  });

  it("looks into errors of several addresses, and passes on our own", () => {
    const several = new AggregateError([systemError("ECONNREFUSED"), systemError("EHOSTUNREACH")]);
    expect(explain(several).message).toContain("nothing listens there");
    const own = new ConnectionError("CONNECTION_TIMED_OUT", "b", "m");
    expect(explain(own)).toBe(own);
    expect(explain("odd").message).toBe("Cannot connect to [::1]:9092: odd");
    expect([systemCode(null), systemCode({ code: 5 }), systemCode(new AggregateError([]))]).toEqual([
      "",
      "",
      "",
    ]);
  });
});
