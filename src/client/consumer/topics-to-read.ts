import { ConfigError } from "../errors.ts";

/**
 * A topic by its name, topics whose names match a pattern, or a pattern in the syntax of RE2 that the brokers resolve
 * (KIP-848, with `groupProtocol: "consumer"`). A `RegExp` is matched by the client against all topics that it may
 * see, those of Kafka's own excepted, and again every `metadataMaxAgeMs`.
 */
export type TopicsToRead = string | RegExp | { readonly pattern: string };

/** What somebody is subscribed to. */
export interface TopicsWanted {
  readonly names: readonly string[];
  readonly expressions: readonly RegExp[];
  /** For the brokers. */
  readonly pattern: string | null;
}

/** @throws ConfigError naming what cannot be right. */
export function topicsWanted(
  given: TopicsToRead | readonly TopicsToRead[],
  groupProtocol: "classic" | "consumer",
): TopicsWanted {
  const all: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (all.length === 0) throw new ConfigError("A subscription needs a topic: to end one, call unsubscribe()");
  const names = new Set<string>();
  const expressions: RegExp[] = [];
  const patterns: string[] = [];
  for (const each of all) {
    if (typeof each === "string" && each !== "") names.add(each);
    else if (each instanceof RegExp) expressions.push(withoutState(each));
    else if (isPattern(each)) patterns.push(each.pattern);
    else {
      const shown = typeof each === "string" ? JSON.stringify(each) : String(each);
      throw new ConfigError(
        `A subscription takes names, RegExps and { pattern }, and ${shown} is none of them`,
      );
    }
  }
  if (patterns.length > 1) {
    throw new ConfigError("A subscription has one { pattern } at most: join them with |");
  }
  if (patterns.length === 1 && groupProtocol !== "consumer") {
    throw new ConfigError(
      'Brokers resolve a { pattern } with groupProtocol "consumer" only: set that, or give a RegExp, which the client resolves',
    );
  }
  return { names: [...names], expressions, pattern: patterns[0] ?? null };
}

function isPattern(each: unknown): each is { readonly pattern: string } {
  const { pattern } = (each ?? {}) as { readonly pattern?: unknown };
  return typeof pattern === "string" && pattern !== "";
}

/** With `g` or `y` an expression remembers where it last matched. */
function withoutState({ source, flags }: RegExp): RegExp {
  return new RegExp(source, flags.replace(/[gy]/g, ""));
}
