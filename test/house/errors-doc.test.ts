/**
 * `docs/errors.md` is made from the source, and our codes' table holds every code that the source has. To write it
 * anew after a change:
 *
 *     UPDATE_DOCS=1 npx vitest run --project unit test/house/errors-doc.test.ts
 */

import { describe, expect, it } from "vitest";
import { codesInSource, errorClasses, errorsDocument, sourceFiles } from "../../scripts/docs/errors.ts";
import { OWN_ERROR_CODES } from "../../scripts/docs/own-error-codes.ts";
import {
  AuthenticationError,
  BrokerError,
  ClosedError,
  ConfigError,
  ConnectionError,
  DecodeError,
  EncodeError,
  KafkaError,
  TimeoutError,
} from "../../src/mod.ts";
import { expectDocument } from "./generated-document.ts";

describe("docs/errors.md", () => {
  it("says what the source says", async () => {
    await expectDocument("docs/errors.md", await errorsDocument());
  });
});

describe("our own codes", () => {
  it("are those of the source, no more and no fewer", async () => {
    expect(Object.keys(OWN_ERROR_CODES)).toEqual(codesInSource(await sourceFiles()));
  });

  it("belong to classes that there are", async () => {
    const classes = errorClasses(await sourceFiles()).map(({ name }) => name);
    const others = Object.values(OWN_ERROR_CODES).filter(({ errorClass }) => !classes.includes(errorClass));
    expect(others).toEqual([]);
  });

  it("are as retriable and as fatal as their class makes them", () => {
    const made: readonly KafkaError[] = [
      new ConfigError("x"),
      new ClosedError("x"),
      new TimeoutError("TIMEOUT", "x"),
      new TimeoutError("REQUEST_TIMED_OUT", "x"),
      new TimeoutError("BUFFER_EXHAUSTED", "x"),
      new ConnectionError("TLS_FAILED", "b:1", "x"),
      new ConnectionError("NOT_A_KAFKA_BROKER", "b:1", "x"),
      new AuthenticationError("SASL_AUTHENTICATION_FAILED", "b:1", "PLAIN", "x"),
      new AuthenticationError("UNSUPPORTED_SASL_MECHANISM", "b:1", "PLAIN", "x"),
      new AuthenticationError("ILLEGAL_SASL_STATE", "b:1", "PLAIN", "x"),
      new DecodeError("x", 0),
      new EncodeError("x"),
    ];
    for (const { code, name, retriable, fatal } of made) {
      expect(OWN_ERROR_CODES[code], code).toMatchObject({
        errorClass: name,
        retriable: retriable ? "yes" : "no",
        fatal: fatal ? "yes" : "no",
      });
    }
  });
});

describe("a broker's error", () => {
  it("is fatal where another has taken this one's place, or it may not do what it is for", () => {
    const fatal = [90, 82, 111, 53].map((code) => new BrokerError(code));
    expect(fatal.map(({ code }) => code)).toEqual([
      "PRODUCER_FENCED",
      "FENCED_INSTANCE_ID",
      "UNRELEASED_INSTANCE_ID",
      "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
    ]);
    for (const error of fatal) expect(error).toMatchObject({ fatal: true, retriable: false });
    expect(new BrokerError(6)).toMatchObject({ fatal: false, retriable: true });
    expect(new BrokerError(90, { fatal: false }).fatal).toBe(false);
    expect(new BrokerError(90)).toBeInstanceOf(KafkaError);
  });
});

describe("codes in the source", () => {
  const found = (text: string): string[] => codesInSource([{ path: "x.ts", text }]);

  it("are found wherever an error gets one", () => {
    expect(found('throw new KafkaError("ONE", "x");')).toEqual(["ONE"]);
    expect(found('new KafkaError(\n  "ONE_TWO",\n  x)')).toEqual(["ONE_TWO"]);
    expect(found('super(options.code ?? "A", message);')).toEqual(["A"]);
    expect(found('constructor(\n code:\n | "A"\n | "B",\n')).toEqual(["A", "B"]);
    expect(found('type XErrorCode =\n  | "A"\n  | "B";')).toEqual(["A", "B"]);
    expect(found('{ code: "A" }')).toEqual(["A"]);
    expect(found('/** new KafkaError("A", "x") */ const B = "B";')).toEqual([]);
  });
});
