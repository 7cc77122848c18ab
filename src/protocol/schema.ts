/**
 * The language in which `messages/` describes Kafka's messages. A field says, in Kafka's own terms, in which
 * versions it exists, where it may be null, whether it is tagged, its default, and whether it may be dropped in
 * a version that lacks it. TypeScript's types follow from that: one object stands for a message in every
 * version.
 */

import { apiName } from "./api-keys.ts";
import type { Codec } from "./codec.ts";
import type { ScalarType, SizedType } from "./primitives.ts";
import { NO_VERSIONS, parseVersions, type VersionRange } from "./versions.ts";

// biome-ignore lint/suspicious/noExplicitAny: a ScalarType<number> also takes values, so it is no ScalarType<unknown>
export type AnyType = ScalarType<any, any> | SizedType<any, any> | ArrayType<AnyType> | StructType<Fields>;

/** Any number of elements of one type. */
export interface ArrayType<Element extends AnyType> {
  readonly kind: "array";
  readonly element: Element;
}

/** Fields in the order in which they are written. */
export interface StructType<F extends Fields> {
  readonly kind: "struct";
  /** Kafka's name of the struct, such as `FetchPartition`. */
  readonly name: string;
  readonly fields: F;
  /** Makes a value of the fields in their order; null where values are made field by field. */
  readonly make: Construct | null;
}

// biome-ignore lint/suspicious/noExplicitAny: the parameters are named and not typed where a schema says this
export type Construct = (...fields: any[]) => object;

export type Fields = { readonly [name: string]: Field<AnyType, boolean> };

/** One field of a struct; {@link field} makes it. */
export interface Field<T extends AnyType, Nullable extends boolean> {
  readonly type: T;
  readonly versions: VersionRange;
  /** Versions in which null may stand here. */
  readonly nullableVersions: VersionRange;
  readonly nullable: Nullable;
  /** Number of the tag, where the field is tagged; null where it is not. */
  readonly tag: number | null;
  /** Versions in which the field is tagged. */
  readonly taggedVersions: VersionRange;
  /** Value of a field that is absent; undefined stands for the default of its type. */
  readonly default: unknown;
  /** Whether a value that is not the default is silently dropped in a version without the field. */
  readonly ignorable: boolean;
  /** False where lengths stay in their old form in flexible versions too: the client id of a request header. */
  readonly flexible: boolean;
}

/** What a field may say beside its versions and its type. */
export interface FieldOptions<Value> {
  /** Versions in which null may stand here, such as `"1+"`. Default: none. */
  readonly nullable?: string;
  /** Default: 0, false, "", no bytes, no elements, a struct of defaults. */
  readonly default?: Value | null;
  /** Makes the field a tagged one. */
  readonly tag?: number;
  /** Default: every version of the field. */
  readonly tagged?: string;
  /** Whether a version that lacks the field drops its value instead of refusing it. Default: false. */
  readonly ignorable?: boolean;
  /** `"none"` keeps the old form of lengths in flexible versions. */
  readonly flexible?: "none";
}

/** The value of a type as decoding gives it. */
export type ValueOf<T> =
  T extends ScalarType<infer V, infer _>
    ? V
    : T extends SizedType<infer V, infer _>
      ? V
      : T extends ArrayType<infer E>
        ? ValueOf<E>[]
        : T extends StructType<infer F>
          ? StructValue<F>
          : never;

/** The value of a type as encoding takes it: absent fields stand for their defaults. */
export type InputOf<T> =
  T extends ScalarType<infer _, infer V>
    ? V
    : T extends SizedType<infer _, infer V>
      ? V
      : T extends ArrayType<infer E>
        ? readonly InputOf<E>[]
        : T extends StructType<infer F>
          ? StructInput<F>
          : never;

type StructValue<F extends Fields> = {
  -readonly [K in keyof F]: F[K] extends Field<infer T, infer N>
    ? ValueOf<T> | (N extends true ? null : never)
    : never;
} & Extras;

type StructInput<F extends Fields> = {
  readonly [K in keyof F]?:
    | (F[K] extends Field<infer T, infer N> ? InputOf<T> | (N extends true ? null : never) : never)
    | undefined;
} & Readonly<Extras>;

/** A tagged field that the schema does not know, kept so that encoding writes it again. */
export interface UnknownTaggedField {
  readonly tag: number;
  readonly data: Uint8Array;
}

interface Extras {
  /** Tagged fields that the schema does not know, in ascending order of tags; absent when there are none. */
  unknownTaggedFields?: readonly UnknownTaggedField[];
}

/** The values of a message, as decoding gives them. */
export type Infer<M> = M extends MessageSchema<infer F> ? StructValue<F> : never;

/** The values of a message, as encoding takes them. */
export type InferInput<M> = M extends MessageSchema<infer F> ? StructInput<F> : never;

/** What a schema is the schema of. */
export type MessageType = "request" | "response" | "header" | "data";

/** One message in all its versions. */
export interface MessageSchema<F extends Fields = Fields> {
  readonly type: MessageType;
  /** Kafka's name of the message, such as `FetchRequest`. */
  readonly name: string;
  /** Number of the API; null for what is neither request nor response. */
  readonly apiKey: number | null;
  readonly validVersions: VersionRange;
  /** Versions with compact lengths and tagged fields (KIP-482). */
  readonly flexibleVersions: VersionRange;
  readonly struct: StructType<F>;
  /** Compiled codecs by version; `compile.ts` fills it on first use. */
  readonly codecs: Map<number, Codec<unknown, unknown>>;
}

interface MessageOptions<F extends Fields> {
  /** Kafka's name of the message. */
  readonly name: string;
  readonly validVersions: string;
  /** Default: none. */
  readonly flexibleVersions?: string;
  readonly fields: F;
}

/** A request or response is called after its API, as in `FetchRequest`, unless it says otherwise. */
type ApiMessageOptions<F extends Fields> = Omit<MessageOptions<F>, "name"> & {
  readonly apiKey: number;
  readonly name?: string;
};

/** A field of versions `versions` and type `type`. */
export function field<
  T extends AnyType,
  const O extends FieldOptions<InputOf<T>> = { readonly nullable?: never },
>(versions: string, type: T, options?: O): Field<T, O["nullable"] extends string ? true : false> {
  const given: FieldOptions<InputOf<T>> = options ?? {};
  const inVersions = parseVersions(versions);
  return {
    type,
    versions: inVersions,
    nullableVersions: given.nullable === undefined ? NO_VERSIONS : parseVersions(given.nullable),
    nullable: (given.nullable !== undefined) as O["nullable"] extends string ? true : false,
    tag: given.tag ?? null,
    taggedVersions:
      given.tag === undefined
        ? NO_VERSIONS
        : given.tagged === undefined
          ? inVersions
          : parseVersions(given.tagged),
    default: given.default,
    ignorable: given.ignorable ?? false,
    flexible: given.flexible !== "none",
  };
}

/** An array of `element`. */
export function array<const E extends AnyType>(element: E): ArrayType<E> {
  return { kind: "array", element };
}

/**
 * A struct under Kafka's name for it.
 *
 * @param make For structs that come by the thousand: makes a value of all fields, in the order of `fields`, with a
 * literal such as `(host, port) => ({ host, port })`. Decoding is then about five times as fast.
 */
export function struct<const F extends Fields>(name: string, fields: F, make?: Construct): StructType<F> {
  return { kind: "struct", name, fields, make: make ?? null };
}

/** A request of the API `apiKey`. */
export function request<const F extends Fields>(options: ApiMessageOptions<F>): MessageSchema<F> {
  const { apiKey } = options;
  return message("request", apiKey, { name: `${apiName(apiKey)}Request`, ...options });
}

/** A response of the API `apiKey`. */
export function response<const F extends Fields>(options: ApiMessageOptions<F>): MessageSchema<F> {
  const { apiKey } = options;
  return message("response", apiKey, { name: `${apiName(apiKey)}Response`, ...options });
}

/** A request or response header. */
export function header<const F extends Fields>(options: MessageOptions<F>): MessageSchema<F> {
  return message("header", null, options);
}

/** What is neither request, response nor header: the bytes inside some other field or record. */
export function data<const F extends Fields>(options: MessageOptions<F>): MessageSchema<F> {
  return message("data", null, options);
}

function message<F extends Fields>(
  type: MessageType,
  apiKey: number | null,
  options: MessageOptions<F>,
): MessageSchema<F> {
  return {
    type,
    name: options.name,
    apiKey,
    validVersions: parseVersions(options.validVersions),
    flexibleVersions: parseVersions(options.flexibleVersions ?? "none"),
    struct: struct(options.name, options.fields),
    codecs: new Map(),
  };
}
