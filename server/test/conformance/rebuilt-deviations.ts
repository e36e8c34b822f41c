/**
 * Where this server answers otherwise than the rebuild of the original, on purpose: by reason, the
 * recordings it explains. Our whole answer stands beside the recorded one in vectors/rebuilt-backend.jsonl, as `ours`;
 * docs/adr/0002 has the reasons. A recording that no longer deviates fails the test.
 */
export const rebuiltDeviations: Readonly<Record<string, readonly string[]>> = {
  "the slash at the end may be missing, and no redirect loses a POST's body": [
    "no slash name count",
    "no slash email count",
    "no slash code",
    "no slash sign-up",
  ],
  "paths work without the application's prefix as well: the tutorial names them so": [
    "no prefix /users/usernames/python01/count/",
    "no prefix /users/emails/44@qq.com/count/",
    "no prefix /users/authorizations/",
    "no prefix code",
  ],
  "the tutorial's clients ask for it, and the original lacked it": [
    "no such path /user/",
    "no such path /users/user/detail/",
    "no such path /users/password/",
  ],
  "plain OPTIONS describes the API's inside to anyone; the description is at /docs": [
    "method OPTIONS name count",
    "method OPTIONS email count",
  ],
  "HEAD is refused where the GET does something, and Allow says so": [
    "method POST code",
    "method PUT code",
    "method PATCH code",
    "method DELETE code",
  ],
  "JSON is the only answer: no pages for browsers, whatever Accept or format ask for": [
    "accept text/html count",
    "accept application/xml count",
    "accept  count",
    "accept text/html fields",
    "accept application/xml fields",
  ],
  "every answer is JSON": ["capital name count", "capital email count", "capital code", "capital sign-up"],
  "Accept-Language is heeded; the original had no LocaleMiddleware": [
    "language en fields",
    "language en-US,en;q=0.9 fields",
    "language ja fields",
    "language en 405",
  ],
  "an origin is compared as browsers send it, letter by letter": [
    "origin HTTP://127.0.0.1:8080 count",
    "origin http://127.0.0.1:8080/ count",
    "origin HTTP://127.0.0.1:8080 fields",
    "origin http://127.0.0.1:8080/ fields",
  ],
  "Bearer is a scheme of ours, so a bad token of it is refused": [
    "token Bearer bad name count",
    "token Bearer bad email count",
    "token Bearer bad code",
    "token Bearer bad sign-up",
  ],
  "Basic is no credential unless AUTHENTICATORS names it": [
    "token Basic wrong name count",
    "token Basic no colon name count",
    "token Basic no base64 name count",
    "token Basic alone name count",
  ],
  "third-party log-in is a log-in: a bad token in the header must not keep anyone from a good one": [
    "token scheme alone qq user",
    "token scheme alone bind",
    "token expired qq user",
    "token expired bind",
  ],
  "a wrong method is refused before anybody is asked who they are": [
    "token scheme alone 405",
    "token expired 405",
    "token disabled 405",
  ],
  "a token's user_id and username must be of one account": ["token another's id name count"],
  "an issue time that is no number says nothing, so the earliest possible is taken": [
    "token iat text name count",
  ],
  "user names are unique without regard to case, and found so": [
    "token token of upper-case name name count",
    "sign-up name upper-case taken",
  ],
  "the JSON parser words its errors differently and must not quote the body": [
    "token good malformed",
    "body spaces log-in",
    "body spaces sign-up",
    "body spaces bind",
  ],
  "the form parser words its errors differently, and a form that was cut off is refused": [
    "body parts without end log-in",
    "body parts without boundary log-in",
  ],
  "a field that came twice is refused as no text, where the last value counted": [
    "body form twice log-in",
    "code send_type=register&send_type=resetpwd",
    "qq user code=code-OPENID1&code=",
    "qq authorization next=/a&next=/b",
  ],
  "the provider's name is in the path, so login_type is optional": ["bind login_type missing"],
  "an address is required: without one the original failed with 500": [
    "method POST sign-up",
    "method POST qq user",
    "token good sign-up",
    "token good bind",
    "body empty json sign-up",
  ],
  "a blank address is reported as blank, like every other blank field": [
    "sign-up email blank",
    "bind email blank",
    "sign-up email spaces",
    "bind email spaces",
  ],
  "login_type says what the path says already; only its form is checked": [
    "bind login_type 300 letters",
    "bind login_type control",
    "bind login_type NUL",
    "bind login_type newline",
  ],
  "allow may be the boolean, as JSON has it": ["sign-up allow true", "sign-up allow false"],
  "a control character is named as what is wrong, but in a password, which may hold anything": [
    "sign-up username control",
    "sign-up email control",
    "sign-up email_code control",
    "sign-up allow control",
    "log-in username control",
    "bind email control",
    "bind email_code control",
    "bind access_token control",
    "sign-up username NUL",
  ],
  "passwords are never altered; only accounts imported from the original are tried trimmed as well": [
    "sign-up password spaces",
    "sign-up password2 spaces",
    "log-in password spaces",
    "bind password spaces",
  ],
  "a text longer than any name or password is refused before the database or a hash sees it": [
    "log-in username 300 letters",
  ],
  "a longer password is no risk, and NIST SP 800-63B asks for at least 64 characters": [
    "sign-up password 300 letters",
    "sign-up password2 300 letters",
    "sign-up password of 21",
  ],
  "a password may be longer than 20 characters, so the recorded text would be wrong": [
    "bind password float",
    "bind password one letter",
    "bind password 300 letters",
    "bind password emoji",
  ],
  "common passwords and those like the account's names are refused with a reason": [
    "sign-up password number",
    "bind password number",
    "sign-up password of 20",
    "sign-up password common",
  ],
  "the code comes by mail, and the text said SMS": [
    "sign-up email_code emoji",
    "bind email_code emoji",
    "sign-up email_code full-width",
    "bind email_code full-width",
  ],
  "no @ in new user names: it would look like somebody's address": [
    "sign-up username emoji",
    "sign-up name with @",
    "sign-up name with space",
  ],
  "user names are stored NFKC, and unique and found so": [
    "log-in username full-width",
    "name count of ｐｙｔｈｏｎ01",
  ],
  "an expired or never-sent code failed with 500": ["sign-up never sent"],
  "a disabled account answers as a wrong password does, or the answer tells that the password is right": [
    "log-in disabled",
  ],
  "an address belongs to one account, and is reported with the other fields": [
    "sign-up with 44@qq.com",
    "sign-up with 44@QQ.COM",
  ],
  "addresses are unique and found without regard to case": [
    "log-in by e-mail upper-case",
    "email count of 44@QQ.COM",
  ],
  "addresses are what browsers accept, and in the local part Chinese: both narrower and wider than the original's patterns":
    [
      "sign-up with a@b",
      "sign-up with a.b@qq.com",
      "sign-up with 中文@qq.com",
      "sign-up with a@[127.0.0.1]",
      'sign-up with "a"@qq.com',
      "sign-up with xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
      "email count of nobody",
      "code to nobody",
      "email count of a@b",
      "code to a@b",
      "email count of a@@qq.com",
      "code to a@@qq.com",
      "email count of a_b@qq.com",
      "code to a_b@qq.com",
      "email count of a@例子.com",
      "code to a@例子.com",
    ],
  "a name that could never be one is refused with the reason, where the URL pattern gave an HTML 404": [
    "no such path /users/usernames//count/",
    "name count of abcd",
    "name count of aaaaaaaaaaaaaaaaaaaaa",
    "name count of 全民",
  ],
  "the sign-up accepts + - and . in user names and takes spaces off, but the URL pattern had no place for them":
    [
      "name count of user-name",
      "name count of user+name",
      "name count of abcde%0A",
      "name count of python01 ",
    ],
  "a path that is no URL is 400, as other mistakes are": ["no such path /users/%zz/"],
  "a code of an unknown kind could be used for nothing, yet was mailed": [
    "code send_type=REGISTER",
    "code send_type=xyz",
  ],
  "a code that QQ refuses is the visitor's to repeat; the original failed with 500": [
    "qq user code=badcode",
    "qq user code=%20",
    "qq user code=a%26b&state=//evil.example",
  ],
  "the ticket is opaque, single-use and bound to its purpose": [
    "qq user code=code-OPENID1&state=/",
    "qq user code=code-OPENID1",
  ],
  "next and state were an open redirect; only a path of the site is accepted, of up to 1024 characters": [
    "qq authorization next=a.html",
    "qq authorization next=//evil.example",
    "qq authorization next=javascript:alert(1)",
    "qq authorization next=/%0Ax",
  ],
  "the path may come as state, too: some clients send it so": ["qq authorization state=/x"],
};
