import { expect, it } from "vitest";
import { tc3Authorization } from "./tc3-signature.ts";

it("signs as Tencent's own sign.js did", () => {
  // Made by tencentcloud-sdk-nodejs-common's sign.js for the same request.
  const body = JSON.stringify({
    ...{ PhoneNumberSet: ["+8613800138000"], SmsSdkAppId: "1400006666", SignName: "美多商城" },
    ...{ TemplateId: "1234", TemplateParamSet: ["123456"] },
  });
  const request = { host: "sms.tencentcloudapi.com", service: "sms", contentType: "application/json", body };
  expect(
    tc3Authorization({ id: "id_test", secret: "secret_test" }, { ...request, seconds: 1551113065 }),
  ).toBe(
    "TC3-HMAC-SHA256 Credential=id_test/2019-02-25/sms/tc3_request, SignedHeaders=content-type;host, Signature=98f84647674bd247685698598f79dbc4ab7c5d0df6fedc23e70530e9afeab819",
  );
});
