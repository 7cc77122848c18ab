/** Requests as lines that a person reads. */

import { errorCodeOf } from "../../protocol/error-codes.ts";
import type { LoggedRequest } from "../../testing/request-log.ts";

type Struct = Readonly<Record<string, unknown>>;

/** So many names are told, and of the others how many they are. */
const NAMES_TOLD = 4;
const QUIET_APIS = ["Heartbeat", "ConsumerGroupHeartbeat", "ApiVersions"];

/** Whether the request brought anything: a fetch that found nothing new, or a heartbeat, did not. */
export function isNews(request: LoggedRequest): boolean {
  if (errorsIn(request.response).size > 0) return true;
  if (QUIET_APIS.includes(request.api)) return false;
  return request.api !== "Fetch" || bytesIn(request.response) > 0;
}

/** The name of a topic by its id, which newer requests give instead; null where it is not known. */
export type NameOf = (topicId: string) => string | null;

/** Such as `Produce v13  billing  orders-0, orders-1  1.2 KiB  3 ms`. */
export function requestLine(request: LoggedRequest, nameOf: NameOf): string {
  const { api, version, clientId, body, response, atMs, answeredAtMs } = request;
  const isRead = api === "Fetch";
  const places = new Set(placesIn(isRead ? response : body, nameOf));
  const groups = groupsIn(body);
  const bytes = bytesIn(isRead ? response : body);
  const parts = [
    `${api} v${version}`,
    clientId ?? "-",
    ...(groups.length > 0 ? [told(groups)] : []),
    ...(places.size > 0 ? [told([...places])] : []),
    ...(bytes > 0 ? [size(bytes)] : []),
    ...errorsIn(response),
    `${(answeredAtMs ?? atMs) - atMs} ms`,
  ];
  return parts.join("  ");
}

function told(names: readonly string[]): string {
  const rest = names.length - NAMES_TOLD;
  return rest > 0 ? `${names.slice(0, NAMES_TOLD).join(", ")} and ${rest} more` : names.join(", ");
}

function size(bytes: number): string {
  return bytes < 1024
    ? `${bytes} B`
    : bytes < 1024 * 1024
      ? `${(bytes / 1024).toFixed(1)} KiB`
      : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function* structsIn(value: unknown): Generator<Struct, void> {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
  if (!Array.isArray(value)) yield value as Struct;
  for (const inner of Object.values(value)) yield* structsIn(inner);
}

/** Topics, with their partitions where there are some. */
function* placesIn(value: unknown, nameOf: NameOf): Generator<string, void> {
  for (const struct of structsIn(value)) {
    const { topicId } = struct;
    const topic = struct["topic"] || struct["name"] || (typeof topicId === "string" ? nameOf(topicId) : null);
    if (typeof topic !== "string" || topic === "" || "value" in struct) continue;
    const partitions = struct["partitions"] ?? struct["partitionData"] ?? [];
    const indexes = (Array.isArray(partitions) ? partitions : []).map(indexOf);
    if (indexes.length === 0) yield topic;
    for (const index of indexes) yield `${topic}-${index}`;
  }
}

function indexOf(partition: unknown): unknown {
  if (typeof partition === "number") return partition;
  const struct = partition as Struct;
  return struct["partitionIndex"] ?? struct["partition"] ?? struct["index"];
}

function groupsIn(value: unknown): string[] {
  const groups = new Set<string>();
  for (const struct of structsIn(value)) {
    const keys = [
      struct["groupId"],
      struct["transactionalId"],
      struct["key"],
      struct["coordinatorKeys"],
    ].flat();
    for (const key of keys) if (typeof key === "string" && key !== "") groups.add(key);
  }
  return [...groups];
}

function bytesIn(value: unknown): number {
  let bytes = 0;
  for (const { records } of structsIn(value)) if (records instanceof Uint8Array) bytes += records.byteLength;
  return bytes;
}

function errorsIn(value: unknown): Set<string> {
  const errors = new Set<string>();
  for (const { errorCode } of structsIn(value)) {
    if (typeof errorCode === "number" && errorCode !== 0) errors.add(errorCodeOf(errorCode).name);
  }
  return errors;
}
