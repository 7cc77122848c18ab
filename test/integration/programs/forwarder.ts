/** A member of a chain (support/groups/forwarder.ts) that can be killed. Its argument: its options, in JSON. */

import { Forwarder } from "../../support/groups/forwarder.ts";

const forwarder = new Forwarder(JSON.parse(process.argv[2] ?? ""));
const timer = setInterval(() => {
  if (forwarder.forwarded === 0) return;
  console.log("forwards");
  clearInterval(timer);
}, 20);
