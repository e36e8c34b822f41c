import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import {
  judgedBySdks,
  recordingFile,
  type SdkRequest,
  type SignedReport,
  sdkFolder,
} from "../support/sms-sdk-oracle.ts";

/**
 * Requests of the vendors' own SDKs, captured against a server on this machine: what we ask is the same, byte for byte where
 * it is signed. The SDKs themselves are no dependency: together they bring a hundred packages and 65 MB. Before a release they
 * are installed and asked anew (release/sms-sdks.test.ts).
 */
interface Recorded {
  readonly sdk: string;
  readonly action: string;
}

const all = JSON.parse(readFileSync(recordingFile, "utf8")) as (Recorded & SdkRequest & SignedReport)[];
const isReport = ({ action }: Recorded) => action === "report";

it("the recording is of the versions that are asked before a release", () => {
  const { dependencies } = JSON.parse(readFileSync(new URL("package.json", sdkFolder), "utf8"));
  const pinned = Object.entries(dependencies).map(([name, version]) => `${name} ${version}`);
  expect([...new Set(all.map(({ sdk }) => sdk))].toSorted()).toEqual(pinned.toSorted());
});

judgedBySdks(() => ({ requests: all.filter((one) => !isReport(one)), report: all.find(isReport)! }));
