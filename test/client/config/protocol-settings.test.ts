import { expect, it } from "vitest";
import { checkProtocolSettings } from "../../../src/client/config/protocol-settings.ts";

it.each(["sessionTimeoutMs", "heartbeatIntervalMs"])("%s is not set with the consumer protocol", (name) => {
  const given = { [name]: 5000 };
  expect(() => checkProtocolSettings({ groupProtocol: "consumer", ...given })).toThrow(name);
  checkProtocolSettings(given);
  checkProtocolSettings({ groupProtocol: "consumer", [name]: undefined });
});

it("groupRemoteAssignor is set with the consumer protocol only", () => {
  expect(() => checkProtocolSettings({ groupRemoteAssignor: "range" })).toThrow("groupRemoteAssignor");
  checkProtocolSettings({ groupProtocol: "consumer", groupRemoteAssignor: "range" });
  checkProtocolSettings({ groupProtocol: "classic", groupRemoteAssignor: null });
});
