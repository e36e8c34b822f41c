import type { OperationAnswer, OperationBody, OperationQuery } from "./operation.ts";
import type { paths } from "./schema.d.ts";
import type { Call, CallOptions, Transport } from "./transport.ts";

/**
 * Calls whose path, fields and answer the compiler checks against docs/openapi.json: an endpoint is written as
 * `"POST /users/"`, and one that isn't there, or whose body doesn't fit, doesn't compile.
 */
type Method = "get" | "post" | "put" | "patch" | "delete";

type MethodsOf<Path extends keyof paths> = {
  [Name in Method]: paths[Path][Name] extends { responses: unknown } ? Name : never;
}[Method];

/** Every endpoint of the API: method, space, path. */
export type Endpoint = { [Path in keyof paths]: `${Uppercase<MethodsOf<Path>>} ${Path}` }[keyof paths];

type OperationOf<Name extends Endpoint> = Name extends `${infer Verb} ${infer Path extends keyof paths}`
  ? Lowercase<Verb> extends keyof paths[Path]
    ? paths[Path][Lowercase<Verb>]
    : never
  : never;

/** What an endpoint answers with 200, 201 or 202; nothing where it answers 204. */
export type AnswerOf<Name extends Endpoint> = [OperationAnswer<OperationOf<Name>>] extends [never]
  ? undefined
  : OperationAnswer<OperationOf<Name>>;

type PathFields<Name extends Endpoint> =
  OperationOf<Name> extends { parameters: { path: infer Fields extends object } }
    ? { readonly path: { readonly [Field in keyof Fields]: string | number } }
    : { readonly path?: never };

type BodyField<Name extends Endpoint> = [OperationBody<OperationOf<Name>>] extends [never]
  ? { readonly body?: never }
  : { readonly body: OperationBody<OperationOf<Name>> };

type QueryFields<Name extends Endpoint> = [OperationQuery<OperationOf<Name>>] extends [never]
  ? { readonly query?: never }
  : { readonly query?: OperationQuery<OperationOf<Name>> | undefined };

/** What a call of the endpoint takes: the fields of its path, its query and its body, and how it is sent. */
export type RequestOf<Name extends Endpoint> = PathFields<Name> &
  BodyField<Name> &
  QueryFields<Name> &
  Pick<
    Call,
    "authenticated" | "replaces" | "cookies" | "repeatable" | "paced" | "captcha" | "binary" | "file"
  >;

export type EndpointCall = <Name extends Endpoint>(
  endpoint: Name,
  request: RequestOf<Name>,
  options?: CallOptions,
) => Promise<AnswerOf<Name>>;

export function endpointCalls(send: Transport): EndpointCall {
  return <Name extends Endpoint>(endpoint: Name, request: RequestOf<Name>, options?: CallOptions) => {
    const { path: fields = {}, ...rest } = request as Omit<Call, "method" | "path"> & {
      readonly path?: Readonly<Record<string, string | number>>;
    };
    const [method = "GET", template = ""] = endpoint.split(" ") as [Call["method"], string];
    const path = template.replace(/\{(\w+)\}/g, (_, field: string) =>
      encodeURIComponent(String(fields[field])),
    );
    return send<AnswerOf<Name>>({ ...rest, method, path }, options);
  };
}
