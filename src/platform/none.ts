import { KafkaError } from "../protocol/errors.ts";
import type { Platform } from "./platform.ts";

function missing(): never {
  throw new KafkaError(
    "UNSUPPORTED_RUNTIME",
    "This runtime has no sockets that kafkawire knows: pass a `platform` of your own to new Kafka(...)",
    { fatal: true },
  );
}

/** Stands where no platform is known, and says so when it is used. */
export const platform: Platform = {
  name: "none",
  clock: { monotonicMs: missing, wallMs: missing, random: missing, setTimer: missing },
  zlib: { gzip: missing, gunzip: missing },
  connect: missing,
  lookup: missing,
};
