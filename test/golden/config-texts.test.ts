import * as fc from "fast-check";
import { expect, it } from "vitest";
import { CONSUMER_SETTINGS } from "../../src/client/config/consumer-config.ts";
import { configsFromProperties } from "../../src/client/config/from-properties.ts";
import { parseJaasConfig } from "../../src/client/config/jaas.ts";
import { KAFKA_SETTINGS } from "../../src/client/config/kafka-config.ts";
import { INSTEAD, MISSING, ONLY, WITHOUT_EFFECT } from "../../src/client/config/kafka-keys.ts";
import { PRODUCER_SETTINGS } from "../../src/client/config/producer-config.ts";
import { parseProperties } from "../../src/client/config/properties-text.ts";
import {
  dottedKey,
  flag,
  int,
  type Kind,
  list,
  type Setting,
  text,
} from "../../src/client/config/setting.ts";
import { seed } from "../support/seed.ts";
import { JAAS_TEXTS, PROPERTIES_TEXTS, VALUE_TEXTS } from "./config-texts.ts";
import { describeWithJava } from "./describe-java.ts";
import { kafkaSettings, readConfigsByKafka } from "./java.ts";

/** Rare characters and none of the others, so that short texts hit what matters. */
const random = (alphabet: readonly string[], count: number): string[] =>
  fc.sample(
    fc.array(fc.constantFrom(...alphabet), { maxLength: 14 }).map((parts) => parts.join("")),
    { seed, numRuns: count },
  );

const hex = (value: string): string => Buffer.from(value, "utf16le").swap16().toString("hex");

const byKey = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  a < b ? -1 : a > b ? 1 : 0;

/** Java makes an empty key of a backslash that stands alone at the end; nobody can mean that. */
const EMPTY_KEY = /^=[^,]*,/;

const pairs = (entries: Iterable<readonly [string, string]>): string =>
  [...new Map(entries)]
    .sort(byKey)
    .map(([key, value]) => `${hex(key)}=${hex(value)},`)
    .join("");

/** What we make of a text, in the form in which the Java program says it. */
const readers: { readonly [kind: string]: (value: string) => string } = {
  properties: (value) => pairs(parseProperties(value)).replace(EMPTY_KEY, ""),
  jaas: (value) => {
    const { loginModule, options } = parseJaasConfig(value);
    return `${hex(loginModule)}\t${pairs(options)}`;
  },
  BOOLEAN: readValue(flag),
  INT: readValue(int(-(2 ** 31))),
  STRING: readValue(text),
  LIST: readValue(list),
};

function readValue(kind: Kind): (value: string) => string {
  return (value) => {
    const parsed = kind.parse?.(value.trim());
    const problem = kind.problem(parsed);
    if (problem !== null) throw new Error(problem);
    return hex(Array.isArray(parsed) ? `[${parsed.join(", ")}]` : String(parsed));
  };
}

function ours(kind: string, value: string): string {
  try {
    return readers[kind]?.(value) ?? "no reader";
  } catch {
    return "error";
  }
}

describeWithJava("texts of settings", () => {
  it.each([
    [
      "properties",
      [
        ...PROPERTIES_TEXTS,
        ...random(
          ["a", "b", "\\", "\\", "\n", "\r", " ", "\t", "\f", "=", ":", "#", "!", "\\u0041", "\\t"],
          4000,
        ),
      ],
    ],
    [
      "jaas",
      [
        ...JAAS_TEXTS,
        ...random(
          [
            "M",
            "a",
            " required ",
            "a=b",
            "x='",
            'x="',
            "=",
            ";",
            "'",
            '"',
            "\\",
            "/",
            "*",
            "\n",
            " ",
            "7",
            "\u0085",
          ],
          2000,
        ).flatMap((tail) => [tail, `M required ${tail};`]),
      ],
    ],
    ...Object.entries(VALUE_TEXTS),
  ] as const)("are read as Java reads them: %s", async (kind, texts) => {
    const answers = await readConfigsByKafka(kind, texts);
    const kafka = answers.map((answer) => answer.replace(EMPTY_KEY, ""));
    const differences = texts
      .map((value, i) => ({ value, kafka: kafka[i], ours: ours(kind, value) }))
      .filter((row) => row.kafka !== row.ours);
    expect(differences).toEqual([]);
    // Neither may refuse everything.
    expect(kafka.filter((answer) => answer !== "error").length).toBeGreaterThan(4);
  });
});

/** Keys that Kafka's clients do not have: librdkafka's names of what stands in sasl.jaas.config, and what it lost. */
const NOT_OF_KAFKA = [
  "sasl.username",
  "sasl.password",
  "sasl.oauthbearer.extensions",
  "auto.include.jmx.reporter",
];

/** Where another default than Kafka's is meant, or it has another name: Kafka has classes for serializers, partitioners and assignors. */
const OTHER_DEFAULTS = [
  "client.id",
  "key.serializer",
  "value.serializer",
  "partitioner.class",
  "partition.assignment.strategy",
];

describeWithJava("Kafka's keys", () => {
  const settings = Object.entries<Setting>({ ...KAFKA_SETTINGS, ...PRODUCER_SETTINGS, ...CONSUMER_SETTINGS });
  const keys = settings.map(([name, row]) => ({ key: dottedKey(name, row), row }));

  it("are each a setting, or have a place among those that are none", async () => {
    const kafka = [...new Set((await kafkaSettings()).map(({ key }) => key))];
    const unknown = kafka.filter((key) => {
      try {
        configsFromProperties({ [key]: "x" });
        return false;
      } catch (error) {
        return String(error).includes("is not a key of Kafka's clients");
      }
    });
    expect(unknown).toEqual([]);
    const ours = [
      ...keys.flatMap(({ key }) => key ?? []),
      ...[WITHOUT_EFFECT, MISSING, Object.keys(ONLY), Object.keys(INSTEAD)].flat(),
    ];
    expect(ours.filter((key) => !kafka.includes(key) && !NOT_OF_KAFKA.includes(key))).toEqual([]);
  });

  it("have Kafka's defaults", async () => {
    const kafka = await kafkaSettings();
    const other = keys.filter(({ key, row }) => {
      const defaults = kafka.filter((each) => each.key === key).map((each) => each.default);
      return row.default !== undefined && defaults.length > 0 && !defaults.includes(String(row.default));
    });
    expect(other.map(({ key }) => key)).toEqual(OTHER_DEFAULTS);
  });
});
