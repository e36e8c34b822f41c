import jsQR from "jsqr";
import { expect, it } from "vitest";
import { qrPath } from "./qr-path.ts";

/** Read back by a decoder that shares nothing with what drew it. */
it("is what an app reads, Chinese names included", () => {
  const uri =
    "otpauth://totp/%E7%BE%8E%E5%A4%9A%E5%95%86%E5%9F%8E:python01%40qq.com?issuer=%E7%BE%8E%E5%A4%9A%E5%95%86%E5%9F%8E&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA1&digits=6&period=30";
  const { size, path } = qrPath(uri);
  const scale = 4;
  const side = size * scale;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let dy = 0; dy < scale; dy++) {
      for (let dx = 0; dx < scale; dx++) {
        const at = 4 * ((Number(y) * scale + dy) * side + Number(x) * scale + dx);
        pixels.fill(0, at, at + 3);
      }
    }
  }
  expect(jsQR(pixels, side, side)?.data).toBe(uri);
});
