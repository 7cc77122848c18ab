/**
 * Kafka for tests, in the same process. The embedded broker will live here; until then there is what a test needs
 * to speak to a broker by hand, and a network in memory.
 *
 * @module
 */

export {
  type Chunking,
  type MemoryAcceptor,
  type MemoryListener,
  MemoryNetwork,
  type MemoryNetworkOptions,
  type MemoryStream,
  randomCuts,
} from "../platform/memory.ts";
export { FrameReader } from "../protocol/frame.ts";
