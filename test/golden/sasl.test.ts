/** What we say by SASL, as Kafka's own classes read it, with names and passwords of every kind. */

import fc from "fast-check";
import { expect, it } from "vitest";
import type { SaslCredentials } from "../../src/client/sasl/credentials.ts";
import type { SaslExchange } from "../../src/client/sasl/exchange.ts";
import { oauthBearer } from "../../src/client/sasl/oauthbearer.ts";
import { scram } from "../../src/client/sasl/scram.ts";
import { seed } from "../support/seed.ts";
import { describeWithJava } from "./describe-java.ts";
import { readSaslByKafka, toHex } from "./java.ts";

const hex = (text: string): string => Buffer.from(text, "utf8").toString("hex");
const said = async (exchange: SaslExchange, heard?: string): Promise<Uint8Array> => {
  const { value } = await exchange.next(Buffer.from(heard ?? ""));
  return value ?? expect.fail("the exchange is over");
};

const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number): T[] =>
  fc.sample(arbitrary, { seed, numRuns });

/** Kafka takes no other name with SCRAM than one in ASCII. */
const name = fc.string({ minLength: 1, unit: "binary-ascii" }).filter((text) => !text.includes("\0"));
/** Of any characters, some of which SASLprep would change: a ligature, a no-break space, a soft hyphen. */
const password = fc.oneof(
  fc.string({ minLength: 1, unit: "binary" }),
  fc.string({
    minLength: 1,
    unit: fc.constantFrom("ﬁ", "\u00a0", "\u00ad", "é", "e\u0301", "Ⅸ", "=", ",", "😀"),
  }),
);

describeWithJava("SCRAM", () => {
  it("proves to Kafka what Kafka expects, whatever the password", async () => {
    const cases = sample(
      fc.record({
        credentials: fc.record(
          { username: name, password, authorizationId: name, tokenAuth: fc.boolean() },
          { requiredKeys: ["username", "password"] },
        ),
        hash: fc.constantFrom("SHA-256" as const, "SHA-512" as const),
        salt: fc.uint8Array({ minLength: 1, maxLength: 40 }),
        iterations: fc.integer({ min: 4096, max: 5000 }),
      }),
      150,
    );
    const asked: { line: string; exchange: SaslExchange; proof: string; expected: SaslCredentials }[] = [];
    for (const { credentials, hash, salt, iterations } of cases) {
      const exchange = scram(hash, credentials, "client-nonce");
      const first = await said(exchange);
      const serverFirst = `r=client-nonce-and-ours,s=${Buffer.from(salt).toString("base64")},i=${iterations}`;
      const final = Buffer.from(await said(exchange, serverFirst)).toString();
      const messages = [credentials.password, Buffer.from(first).toString(), serverFirst, final].map(hex);
      const line = ["scram", `SCRAM-${hash}`, ...messages].join("\t");
      asked.push({ line, exchange, proof: final.split(",p=")[1] ?? "", expected: credentials });
    }
    const answers = await readSaslByKafka(asked.map(({ line }) => line));
    for (const [i, { exchange, proof, expected }] of asked.entries()) {
      const [outcome, username, authorizationId, tokenAuth, kafkasProof, signature] =
        answers[i]?.split("\t") ?? [];
      expect([outcome, username, authorizationId, tokenAuth, kafkasProof]).toEqual([
        "ok",
        hex(expected.username),
        // Kafka leaves this one escaped.
        hex((expected.authorizationId ?? "").replaceAll("=", "=3D").replaceAll(",", "=2C")),
        String(expected.tokenAuth ?? false),
        proof,
      ]);
      expect(await exchange.next(Buffer.from(`v=${signature}`))).toEqual({ done: true, value: undefined });
    }
  });
});

describeWithJava("OAUTHBEARER", () => {
  it("gives Kafka the token and the extensions", async () => {
    const letters = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];
    const tokens = sample(
      fc.record({
        value: fc
          .string({ minLength: 1, unit: fc.constantFrom(...letters, ..."0123456789-._~+/") })
          .chain((text) => fc.constantFrom(text, `${text}=`, `${text}==`)),
        extensions: fc.dictionary(
          fc.string({ minLength: 1, unit: fc.constantFrom(...letters) }).filter((key) => key !== "auth"),
          fc.string({ minLength: 1, unit: "grapheme-ascii" }).filter((text) => !text.includes("\u007f")),
          { noNullPrototype: true },
        ),
      }),
      200,
    );
    const lines = await Promise.all(
      tokens.map(async (token) => `oauthbearer\t${toHex(await said(oauthBearer(token)))}`),
    );
    const answers = await readSaslByKafka(lines);
    const expected = tokens.map(({ value, extensions }) => {
      const names = Object.keys(extensions).sort();
      return ["ok", hex(value), ...names.flatMap((key) => [hex(key), hex(extensions[key] as string)])].join(
        "\t",
      );
    });
    expect(answers).toEqual(expected);
  });
});
