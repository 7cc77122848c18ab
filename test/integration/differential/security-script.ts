/** What is asked of both brokers about security and quotas. The real one has no authorizer and no SASL. */

import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from "../../../src/protocol/messages/alter-client-quotas.ts";
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from "../../../src/protocol/messages/alter-user-scram-credentials.ts";
import { CreateAclsRequest, CreateAclsResponse } from "../../../src/protocol/messages/create-acls.ts";
import {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from "../../../src/protocol/messages/create-delegation-token.ts";
import { DeleteAclsRequest, DeleteAclsResponse } from "../../../src/protocol/messages/delete-acls.ts";
import { DescribeAclsRequest, DescribeAclsResponse } from "../../../src/protocol/messages/describe-acls.ts";
import {
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
} from "../../../src/protocol/messages/describe-client-quotas.ts";
import {
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
} from "../../../src/protocol/messages/describe-delegation-token.ts";
import {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
} from "../../../src/protocol/messages/describe-user-scram-credentials.ts";
import {
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
} from "../../../src/protocol/messages/expire-delegation-token.ts";
import {
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
} from "../../../src/protocol/messages/renew-delegation-token.ts";
import {
  SaslAuthenticateRequest,
  SaslAuthenticateResponse,
} from "../../../src/protocol/messages/sasl-authenticate.ts";
import {
  SaslHandshakeRequest,
  SaslHandshakeResponse,
} from "../../../src/protocol/messages/sasl-handshake.ts";
import { type Step, step } from "./step.ts";

const AlterClientQuotas = [AlterClientQuotasRequest, AlterClientQuotasResponse] as const;
const AlterUsers = [AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse] as const;
const CreateAcls = [CreateAclsRequest, CreateAclsResponse] as const;
const DeleteAcls = [DeleteAclsRequest, DeleteAclsResponse] as const;
const DescribeAcls = [DescribeAclsRequest, DescribeAclsResponse] as const;
const DescribeClientQuotas = [DescribeClientQuotasRequest, DescribeClientQuotasResponse] as const;
const DescribeUsers = [DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse] as const;
const CreateToken = [CreateDelegationTokenRequest, CreateDelegationTokenResponse] as const;
const DescribeToken = [DescribeDelegationTokenRequest, DescribeDelegationTokenResponse] as const;
const ExpireToken = [ExpireDelegationTokenRequest, ExpireDelegationTokenResponse] as const;
const RenewToken = [RenewDelegationTokenRequest, RenewDelegationTokenResponse] as const;
const SaslAuthenticate = [SaslAuthenticateRequest, SaslAuthenticateResponse] as const;
const SaslHandshake = [SaslHandshakeRequest, SaslHandshakeResponse] as const;

const ANY = {
  resourceTypeFilter: 1,
  resourceNameFilter: null,
  patternTypeFilter: 1,
  principalFilter: null,
  hostFilter: null,
  operation: 1,
  permissionType: 1,
};
const RULE = {
  resourceType: 2,
  resourceName: "orders",
  resourcePatternType: 3,
  principal: "User:a",
  host: "*",
  operation: 3,
  permissionType: 3,
};

type Entity = Readonly<Record<string, string | null>>;

/** Quotas of one entity; null removes one. Names that say so are those of this run. */
const alterQuotas = (
  name: string,
  entity: Entity,
  quotas: Readonly<Record<string, number | null>>,
  validateOnly = false,
): Step[] =>
  step(name, AlterClientQuotas, [0, 1], ({ topic }) => ({
    entries: [
      {
        entity: Object.entries(entity).map(([entityType, entityName]) => ({
          entityType,
          entityName: entityName === "ours" ? topic : entityName,
        })),
        ops: Object.entries(quotas).map(([key, value]) => ({
          key,
          value: value ?? 0,
          remove: value === null,
        })),
      },
    ],
    validateOnly,
  }));

/** Looks for quotas: [type, how to match, name]. */
const findQuotas = (
  name: string,
  components: readonly (readonly [string, number, string | null])[],
  strict = false,
): Step[] =>
  step(name, DescribeClientQuotas, [0, 1], ({ topic }) => ({
    components: components.map(([entityType, matchType, match]) => ({
      entityType,
      matchType,
      match: match === "ours" ? topic : match,
    })),
    strict,
  }));

const upsert = (name: string, more: object): Step[] =>
  step(name, AlterUsers, [0], ({ topic }) => ({
    deletions: [],
    upsertions: [
      {
        name: topic,
        mechanism: 1,
        iterations: 4096,
        salt: new Uint8Array(8),
        saltedPassword: new Uint8Array(32),
        ...more,
      },
    ],
  }));
const remove = (name: string, mechanism: number, times = 1): Step[] =>
  step(name, AlterUsers, [0], ({ topic }) => ({
    deletions: Array.from({ length: times }, () => ({ name: topic, mechanism })),
    upsertions: [],
  }));
const describeUser = (name: string, times = 1): Step[] =>
  step(name, DescribeUsers, [0], ({ topic }) => ({
    users: Array.from({ length: times }, () => ({ name: topic })),
  }));

/** Steps that find what was changed just before. */
const eventually = (steps: readonly Step[]): Step[] => steps.map((one) => ({ ...one, isEventual: true }));

export const securityScript: readonly Step[] = [
  ...step("a handshake where there is no SASL", SaslHandshake, [0, 1], () => ({ mechanism: "PLAIN" })),
  ...step("a token where there is no SASL", SaslAuthenticate, [0, 1, 2], () => ({
    authBytes: new Uint8Array(3),
  })),
  ...step("a token of somebody unknown", CreateToken, [1, 2, 3], () => ({
    renewers: [{ principalType: "User", principalName: "a" }],
    maxLifetimeMs: -1n,
  })),
  ...step("a token renewed by somebody unknown", RenewToken, [1, 2], () => ({
    hmac: new Uint8Array(3),
    renewPeriodMs: -1n,
  })),
  ...step("a token ended by somebody unknown", ExpireToken, [1, 2], () => ({
    hmac: new Uint8Array(3),
    expiryTimePeriodMs: -1n,
  })),
  ...step("tokens looked for by somebody unknown", DescribeToken, [1, 2, 3], () => ({ owners: null })),
  ...step("rules without an authorizer", DescribeAcls, [1, 2, 3], () => ANY),
  ...step("rules by half a filter", DescribeAcls, [3], () => ({ ...ANY, operation: 0 })),
  ...step("a rule without an authorizer", CreateAcls, [1, 2, 3], () => ({ creations: [RULE, RULE] })),
  ...step("half a rule", CreateAcls, [3], () => ({ creations: [{ ...RULE, permissionType: 0 }] })),
  ...step("rules removed without an authorizer", DeleteAcls, [1, 2, 3], () => ({ filters: [ANY] })),
  ...step("rules removed by half a filter", DeleteAcls, [3], () => ({
    filters: [{ ...ANY, patternTypeFilter: 0 }],
  })),

  ...eventually(describeUser("a user that is not there")),
  ...eventually(describeUser("a user asked for twice", 2)),
  ...upsert("a user with too few iterations", { iterations: 4095 }),
  ...upsert("a user with too many iterations", { iterations: 16_385 }),
  ...upsert("a user without a name", { name: "" }),
  ...upsert("a user of an unknown mechanism", { mechanism: 3 }),
  ...upsert("a user", {}),
  ...eventually(describeUser("the user")),
  ...upsert("the user for another mechanism", { mechanism: 2, iterations: 8192 }),
  ...remove("a user removed twice", 1, 2),
  ...remove("the user removed", 1),
  ...remove("the user removed again", 1),
  ...remove("a user of an unknown mechanism removed", 0),
  ...remove("the user removed for the other mechanism", 2),
  ...eventually(describeUser("the user that is gone")),

  ...alterQuotas("quotas of nobody", {}, { producer_byte_rate: 1 }),
  ...alterQuotas("quotas of something else", { group: "g" }, { producer_byte_rate: 1 }),
  ...alterQuotas("quotas of an empty name", { user: "" }, { producer_byte_rate: 1 }),
  ...alterQuotas("an unknown quota", { user: "ours" }, { nonsense: 1 }),
  ...alterQuotas("a quota of ips for a user", { user: "ours" }, { connection_creation_rate: 1 }),
  ...alterQuotas("a quota of users for an ip", { ip: "127.0.0.1" }, { producer_byte_rate: 1 }),
  ...alterQuotas("a quota of nothing", { user: "ours" }, { producer_byte_rate: 0 }),
  ...alterQuotas("a quota of less", { user: "ours" }, { request_percentage: -1 }),
  ...alterQuotas("a quota of half a byte", { user: "ours" }, { consumer_byte_rate: 0.5 }),
  ...alterQuotas("too large a quota", { ip: "127.0.0.1" }, { connection_creation_rate: 2 ** 31 }),
  ...alterQuotas("an ip and a user", { ip: "127.0.0.1", user: "ours" }, { connection_creation_rate: 1 }),
  ...alterQuotas("a quota that could be set", { user: "ours" }, { producer_byte_rate: 1000 }, true),
  ...alterQuotas("a quota removed that is not there", { user: "ours" }, { producer_byte_rate: null }),
  ...step("the same quota twice", AlterClientQuotas, [1], ({ topic }) => ({
    entries: [
      {
        entity: [{ entityType: "user", entityName: topic }],
        ops: [
          { key: "producer_byte_rate", value: 1, remove: false },
          { key: "producer_byte_rate", value: 2, remove: false },
        ],
      },
    ],
    validateOnly: false,
  })),
  ...eventually(findQuotas("no quota of the user", [["user", 0, "ours"]])),
  ...alterQuotas("a quota of a user", { user: "ours" }, { producer_byte_rate: 1000 }),
  ...alterQuotas(
    "a quota of a user with any client",
    { user: "ours", "client-id": null },
    { request_percentage: 12.5 },
  ),
  ...eventually([
    ...findQuotas("quotas of the user alone", [["user", 0, "ours"]], true),
    ...findQuotas("quotas of the user with any client", [
      ["user", 0, "ours"],
      ["client-id", 1, null],
    ]),
    ...findQuotas("quotas of the user with some client", [
      ["user", 0, "ours"],
      ["client-id", 2, null],
    ]),
    ...findQuotas("quotas of the user with another client", [
      ["user", 0, "ours"],
      ["client-id", 0, "other"],
    ]),
  ]),
  ...alterQuotas("no quota of a user any more", { user: "ours" }, { producer_byte_rate: null }),
  ...alterQuotas(
    "no quota with any client any more",
    { user: "ours", "client-id": null },
    { request_percentage: null },
  ),
  ...eventually(findQuotas("no quotas of the user any more", [["user", 0, "ours"]])),
  ...findQuotas("quotas of something else", [["group", 2, null]]),
  ...findQuotas("quotas of an empty type", [["", 2, null]]),
  ...findQuotas("quotas of a type that comes twice", [
    ["user", 2, null],
    ["user", 1, null],
  ]),
  ...findQuotas("quotas of an ip and a user", [
    ["user", 2, null],
    ["ip", 1, null],
  ]),
  ...findQuotas("quotas of no name", [["user", 0, null]]),
  ...findQuotas("quotas of the default with a name", [["user", 1, "x"]]),
  ...findQuotas("quotas of all with a name", [["user", 2, "x"]]),
  ...findQuotas("quotas by an unknown match", [["user", 3, null]]),
];
