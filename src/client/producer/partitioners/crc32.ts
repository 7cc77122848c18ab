/** The polynomial of zip, gzip and Ethernet, lowest bit first. */
const POLYNOMIAL = 0xedb88320;

const TABLE = /* @__PURE__ */ tableOf(POLYNOMIAL);

/** The CRC-32 of the first `length` bytes, as a number from 0 up. */
export function crc32(bytes: Uint8Array, length: number = bytes.byteLength): number {
  let register = -1;
  for (let at = 0; at < length; at++) {
    register = (TABLE[(register ^ (bytes[at] as number)) & 0xff] as number) ^ (register >>> 8);
  }
  return ~register >>> 0;
}

function tableOf(polynomial: number): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let register = byte;
    for (let bit = 0; bit < 8; bit++) {
      register = (register & 1) === 1 ? (register >>> 1) ^ polynomial : register >>> 1;
    }
    return register;
  });
}
