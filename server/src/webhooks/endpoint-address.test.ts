import { expect, it } from "vitest";
import { readEndpointUrl } from "./endpoint-address.ts";

/** What an administrator, or a thief of their session, may enter. */
it.each([
  ...["http://127.0.0.1/", "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f.1/"],
  ...["https://0177.0.0.1/", "https://0/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::]/"],
  ...["https://10.0.0.1/", "https://172.16.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest/"],
  ...["https://100.64.0.1/", "https://[fd00::1]/", "https://[fe80::1]/", "https://[64:ff9b::7f00:1]/"],
  ...[
    "https://localhost/",
    "https://LOCALHOST./",
    "https://a.localhost/",
    "https://metadata.google.internal/",
  ],
  ...["https://１２７.０.０.１/", "https://127。0。0。1/", "https://224.0.0.1/", "https://198.18.0.1/"],
  ...["https://user:secret@shop.example/", "https://shop.example:25/", "ftp://shop.example/", "shop.example"],
  ...[
    "http://shop.example/",
    "javascript:alert(1)",
    "file:///etc/passwd",
    `https://shop.example/${"x".repeat(2000)}`,
  ],
])("refuses %s", (url) => {
  expect(readEndpointUrl(url, [])).toHaveProperty("problem");
});

it.each([
  ["https://shop.example/in", "https://shop.example/in"],
  ["https://shop.example:8443/in?tenant=1#part", "https://shop.example:8443/in?tenant=1"],
  ["https://93.184.216.34/", "https://93.184.216.34/"],
  ["https://商城.example/", "https://xn--czru2d.example/"],
])("takes %s", (given, url) => {
  expect(readEndpointUrl(given, [])).toEqual({ url });
});

it("takes internal hosts that the operator names, and no others", () => {
  const named = ["orders.internal", "127.0.0.1", "[::1]"];
  for (const url of [
    "http://orders.internal:8080/in",
    "http://127.0.0.1:9000/",
    "http://[::1]:9000/",
    "http://2130706433:9000/",
  ]) {
    expect(readEndpointUrl(url, named)).toHaveProperty("url");
  }
  for (const url of ["http://mail.internal/", "http://127.0.0.2/", "https://10.0.0.1/"]) {
    expect(readEndpointUrl(url, named)).toHaveProperty("problem");
  }
});
