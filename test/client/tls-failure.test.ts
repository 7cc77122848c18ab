import { describe, expect, it } from "vitest";
import { explainTlsEnd, explainTlsFailure, explainTlsProblem } from "../../src/client/tls-failure.ts";
import { systemError } from "../support/fake-platform.ts";

const BROKER = "kafka:9093";

/** As Node.js 20 gives an alert of the peer. */
function alert(code: string, reason: string): Error {
  const message = `80DC0F19B67F0000:error:0A000412:SSL routines:ssl3_read_bytes:${reason}:rec_layer_s3.c:1601:`;
  return Object.assign(new Error(message), { code, reason, library: "SSL routines" });
}

describe("explainTlsFailure", () => {
  it.each([
    ["sslv3 alert bad certificate", {}, "give sslKeystoreCertificateChain and sslKeystoreKey"],
    ["tlsv13 alert certificate required", {}, "give sslKeystoreCertificateChain and sslKeystoreKey"],
    ["sslv3 alert bad certificate", { cert: "c", key: "k" }, "the broker refuses this client's certificate"],
    [
      "sslv3 alert certificate unknown",
      { cert: "c", key: "k" },
      "the broker refuses this client's certificate",
    ],
    ["tlsv1 alert unknown ca", { cert: "c", key: "k" }, "the broker refuses this client's certificate"],
    [
      "sslv3 alert certificate expired",
      { cert: "c", key: "k" },
      "the broker refuses this client's certificate",
    ],
    ["tlsv1 alert protocol version", {}, "no version of TLS in common"],
    ["unsupported protocol", {}, "no version of TLS in common"],
    ["sslv3 alert handshake failure", {}, "no cipher in common"],
    ["wrong version number", {}, "the port does not speak TLS"],
    ["tlsv1 alert internal error", {}, "check the certificates of both sides"],
  ])("of %j", (reason, tls, remedy) => {
    // By the code alone, by the words alone, and by the code of older runtimes.
    const code = `ERR_SSL_${reason.toUpperCase().replaceAll(" ", "_")}`;
    for (const error of [alert(code, reason), alert("EPROTO", reason), systemError(code, "failed")]) {
      const explained = explainTlsFailure(BROKER, tls, error);
      expect(explained).toMatchObject({ code: "TLS_FAILED", retriable: false, broker: BROKER, cause: error });
      expect(explained.message).toContain(remedy);
    }
    const { message } = explainTlsFailure(BROKER, tls, alert(code, reason));
    expect(message).toMatch(new RegExp(`^No TLS session with kafka:9093 \\(${reason}\\): `));
  });

  it.each([
    ["CERT_HAS_EXPIRED", "certificate has expired", {}, "renew it"],
    ["CERT_NOT_YET_VALID", "certificate is not yet valid", {}, "check the clocks"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "Host: a. is not b", {}, "connect by a name that it carries"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "self-signed", {}, "give its PEM as sslTruststoreCertificates"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed", { ca: "x" }, "is not among sslTruststoreCertificates"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unable", { ca: "x" }, "is not among sslTruststoreCertificates"],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "unable", {}, "give its PEM as sslTruststoreCertificates"],
    // Deno
    ["", "invalid peer certificate: UnknownIssuer", {}, "give its PEM as sslTruststoreCertificates"],
    ["", "received fatal alert: CertificateRequired", {}, "give sslKeystoreCertificateChain"],
    ["", "received corrupt message of type InvalidContentType", {}, "the port does not speak TLS"],
  ])("of %s: %s", (code, text, tls, remedy) => {
    expect(explainTlsFailure(BROKER, tls, systemError(code, text)).message).toContain(remedy);
  });
});

describe("explainTlsEnd", () => {
  it("explains what the broker complained of after the handshake, and nothing else", () => {
    const refused = alert("ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", "sslv3 alert bad certificate");
    expect(explainTlsEnd(BROKER, {}, refused)).toMatchObject({ code: "TLS_FAILED", retriable: false });
    expect(explainTlsEnd(BROKER, {}, null)).toBeNull();
    expect(explainTlsEnd(BROKER, {}, systemError("ECONNRESET"))).toBeNull();
    expect(
      explainTlsEnd(BROKER, {}, alert("ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR", "tlsv1 alert internal error")),
    ).toBeNull();
  });
});

describe("explainTlsProblem", () => {
  it.each([
    ["ca", {}, "sslTruststoreCertificates holds no certificates"],
    ["cert", {}, "sslKeystoreCertificateChain cannot be read"],
    ["key", {}, "sslKeystoreKey cannot be read"],
    ["passphrase", {}, "give its password as sslKeyPassword"],
    ["passphrase", { passphrase: "secret" }, "sslKeyPassword is not the password"],
    ["pair", {}, "is not the key of the first certificate"],
  ] as const)("of %s with %j", (part, tls, message) => {
    const error = explainTlsProblem({ part, cause: new Error("bad decrypt") }, tls);
    expect(error).toMatchObject({ name: "ConfigError", code: "INVALID_CONFIG" });
    expect(error.message).toContain(message);
    expect(error.message).not.toContain("secret");
  });
});
