/**
 * What is known of one setting. The tables of these are the only place that lists the settings: the check of what
 * was given, the defaults, the names in `.properties` and `docs/configuration.md` all come from them.
 */

/** What a value may be. */
export interface Kind {
  /** What is wrong with a value, in words that go on after the setting's name; null when nothing is. */
  problem(value: unknown): string | null;
  /** The value that a text stands for, or the text itself where it is none; absent where no text can say it. */
  parse?(text: string): unknown;
}

/** One row of a table. */
export interface Setting {
  readonly kind: Kind;
  readonly default?: unknown;
  /** Kafka's key, where it is not the name in dots; null where Kafka has no such key, or properties cannot set it. */
  readonly key?: string | null;
  /** True for what no message may show. */
  readonly secret?: true;
}

/** A table with a row for every setting of `Config`, in which all but the `Optional` ones have a default. */
export type Settings<Config, Optional extends keyof Config> = {
  readonly [K in keyof Required<Config>]: Setting &
    (K extends Optional ? { readonly default?: never } : { readonly default: Required<Config>[K] });
};

/** Settings with every default filled in. */
export type Resolved<Config, Optional extends keyof Config = never> = Required<Omit<Config, Optional>> &
  Pick<Config, Optional>;

export function int(lowest: number, highest: number = 0x7fff_ffff): Kind {
  return {
    problem: (value) =>
      Number.isInteger(value) && (value as number) >= lowest && (value as number) <= highest
        ? null
        : `must be a whole number from ${lowest} to ${highest}`,
    parse: (written) => (/^[+-]?\d+$/.test(written) ? Number(written) : written),
  };
}

/** A number, whole or not. */
export function decimal(lowest: number, highest: number): Kind {
  return {
    problem: (value) =>
      typeof value === "number" && value >= lowest && value <= highest
        ? null
        : `must be a number from ${lowest} to ${highest}`,
    parse: (written) => (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(written) ? Number(written) : written),
  };
}

/** One of some values, each of which a text can say. */
export function oneOf(...choices: readonly (string | number)[]): Kind {
  return {
    problem: (value) =>
      choices.includes(value as string)
        ? null
        : `must be one of ${choices.map((choice) => JSON.stringify(choice)).join(", ")}`,
    // Kafka takes some names in any case, and no two that differ in nothing else.
    parse: (written) =>
      choices.find((choice) => String(choice).toLowerCase() === written.toLowerCase()) ?? written,
  };
}

/** What has no form as text, such as a function; `what` says what it must be. */
export function instance(what: string, isOne: (value: unknown) => boolean): Kind {
  return { problem: (value) => (isOne(value) ? null : `must be ${what}`) };
}

export const text: Kind = {
  problem: (value) => (typeof value === "string" ? null : "must be a string"),
  parse: (written) => written,
};

export const flag: Kind = {
  problem: (value) => (typeof value === "boolean" ? null : "must be true or false"),
  parse: (written) => ({ true: true, false: false })[written.toLowerCase()] ?? written,
};

export const list: Kind = {
  problem: (value) =>
    Array.isArray(value) && value.every((item) => typeof item === "string")
      ? null
      : "must be a list of strings",
  parse: (written) => (written === "" ? [] : written.split(/\s*,\s*/)),
};

export const pem: Kind = {
  problem: (value) =>
    typeof value === "string" && value.includes("-----BEGIN ")
      ? null
      : "must be PEM text, which starts with -----BEGIN",
  // Kafka takes it on one line, as properties often have it; other readers of PEM do not.
  parse: (written) =>
    written.replace(
      /\s*(-----BEGIN [^-]+-----)([\sA-Za-z\d+/=]+)(?=-----END )/g,
      (_, begin: string, base64: string, at: number) =>
        `${at === 0 ? "" : "\n"}${begin}\n${base64.replace(/\s/g, "").replace(/.{1,64}/g, "$&\n")}`,
    ),
};

/** Kafka's key of a setting: its name in dots, unless the table says another; null where Kafka has none. */
export function dottedKey(name: string, { key }: Setting): string | null {
  return key === undefined ? name.replace(/[A-Z]/g, (capital) => `.${capital.toLowerCase()}`) : key;
}
