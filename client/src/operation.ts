/** What an operation of the generated schema takes and answers. */
type Json<Holder> = Holder extends { content: { "application/json": infer Value } } ? Value : never;

type Good = 200 | 201 | 202;

/** With 200, 201 or 202; never where it answers 204. */
export type OperationAnswer<Operation> = Operation extends { responses: infer Responses }
  ? { [Status in keyof Responses & Good]: Json<Responses[Status]> }[keyof Responses & Good]
  : never;

export type OperationBody<Operation> = Operation extends { requestBody?: infer Holder }
  ? Json<NonNullable<Holder>>
  : never;

export type OperationQuery<Operation> = Operation extends { parameters: { query?: infer Fields } }
  ? NonNullable<Fields>
  : never;
