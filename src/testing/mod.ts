/**
 * Kafka for tests, in the same process. The embedded broker will live here; until then there is what a test needs
 * to speak to a broker by hand.
 *
 * @module
 */

export { FrameReader } from "../protocol/frame.ts";
