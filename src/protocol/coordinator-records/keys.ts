import { string } from "../primitives.ts";
import { data, field } from "../schema.ts";

/** The key of a record about a whole group. */
export function groupKey(name: string) {
  return data({ name, validVersions: "0", fields: { groupId: field("0", string) } });
}

/** The key of a record about one member of a group. */
export function memberKey(name: string) {
  return data({
    name,
    validVersions: "0",
    fields: { groupId: field("0", string), memberId: field("0", string) },
  });
}
