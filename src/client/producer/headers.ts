import type { RecordHeaderInput } from "../../protocol/records/record-encoding.ts";
import { ConfigError } from "../errors.ts";
import { prepareData, type RecordData } from "./record-data.ts";

/** One header; the form that a consumer gives serves too, so that records can be passed on as they came. */
export type HeaderToSend =
  | readonly [key: string, value: RecordData | undefined]
  | { readonly key: string; readonly value: RecordData | undefined };

/**
 * Headers as a list, which may repeat a key and keeps its order, or as an object. One whose value is undefined is
 * left out.
 */
export type HeadersToSend = readonly HeaderToSend[] | { readonly [key: string]: RecordData | undefined };

const NONE: readonly RecordHeaderInput[] = [];

/**
 * Headers in the form in which they are encoded.
 *
 * @throws ConfigError naming the header that is wrong.
 */
export function prepareHeaders(
  headers: HeadersToSend | undefined,
  topic: string,
): readonly RecordHeaderInput[] {
  if (headers === undefined) return NONE;
  if (typeof headers !== "object" || headers === null) {
    throw new ConfigError(`Record for topic "${topic}": headers must be a list or an object`);
  }
  const list: readonly HeaderToSend[] = isList(headers) ? headers : Object.entries(headers);
  const prepared: RecordHeaderInput[] = [];
  for (const header of list) {
    if (typeof header !== "object" || header === null) {
      throw new ConfigError(`Record for topic "${topic}": a header must be [key, value] or { key, value }`);
    }
    const [key, value] = isPair(header) ? header : [header.key, header.value];
    if (typeof key !== "string")
      throw new ConfigError(`Record for topic "${topic}": a header's key must be a string`);
    if (value !== undefined) prepared.push({ key, value: prepareData(value, topic, `header "${key}"`) });
  }
  return prepared;
}

function isList(headers: HeadersToSend): headers is readonly HeaderToSend[] {
  return Array.isArray(headers);
}

function isPair(header: HeaderToSend): header is readonly [string, RecordData | undefined] {
  return Array.isArray(header);
}
