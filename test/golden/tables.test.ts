import { beforeAll, expect, it } from "vitest";
import { apiNames } from "../../src/protocol/api-keys.ts";
import { errorCodes } from "../../src/protocol/error-codes.ts";
import { requestHeaderVersion, responseHeaderVersion } from "../../src/protocol/header.ts";
import { everyVersion } from "../support/arbitraries.ts";
import { describeWithJava } from "./describe-java.ts";
import { kafkaTables } from "./java.ts";

describeWithJava("tables against Kafka's own", () => {
  let tables: string[][];
  const rowsOf = (kind: string) => tables.filter(([first]) => first === kind).map(([, ...rest]) => rest);

  beforeAll(async () => {
    tables = await kafkaTables();
  });

  it("has Kafka's error codes, with names and whether they are retriable", () => {
    const kafka = rowsOf("error").map(([code, name, retriable]) => ({
      code: Number(code),
      name,
      retriable: retriable === "true",
    }));
    const ours = [...errorCodes.values()].map(({ code, name, retriable }) => ({ code, name, retriable }));
    expect(ours).toEqual(kafka);
    expect([...errorCodes.keys()]).toEqual(kafka.map(({ code }) => code));
  });

  it("has Kafka's APIs", () => {
    const kafka = rowsOf("api").map(([id, name]) => [Number(id), name]);
    expect([...apiNames]).toEqual(kafka);
  });

  it("puts the headers of Kafka in front of every version", () => {
    const kafka = new Map(
      rowsOf("headers").map(([id, version, ...headers]) => [`${id} v${version}`, headers]),
    );
    const wrong = everyVersion().filter(({ schema, version }) => {
      const [request, response] = kafka.get(`${schema.apiKey} v${version}`) ?? [];
      switch (schema.type) {
        case "request":
          return requestHeaderVersion(schema, version) !== Number(request);
        case "response":
          return responseHeaderVersion(schema, version) !== Number(response);
        default:
          return false;
      }
    });
    expect(wrong.map(({ schema, version }) => `${schema.name} v${version}`)).toEqual([]);
  });
});
