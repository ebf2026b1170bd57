/** Who may invoke a function, from the function's resource policy (`AWS::Lambda::Permission`). */
import type { Permission } from "../template/stack.ts";

export type Caller =
  /** A service of AWS, in the name of one of its resources. */
  | { service: string; sourceArn: string }
  /** Anyone on the internet, through the function's URL. */
  | { service: "function-url" };

/**
 * A function URL without authentication needs two statements since October 2025: `lambda:InvokeFunctionUrl`, and
 * `lambda:InvokeFunction` for calls through the URL (AWS Lambda developer guide, "Control access to function URLs").
 */
export function mayInvoke(permissions: readonly Permission[], functionArn: string, caller: Caller): boolean {
  const own = permissions.filter((permission) => permission.functionArn === functionArn);
  if ("sourceArn" in caller) {
    return own.some(
      ({ action, principal, sourceArn, viaFunctionUrl }) =>
        action === "lambda:InvokeFunction" &&
        (principal === caller.service || principal === "*") &&
        !viaFunctionUrl &&
        (sourceArn === undefined || matches(sourceArn, caller.sourceArn)),
    );
  }
  const open = own.filter(({ principal, sourceArn }) => principal === "*" && sourceArn === undefined);
  return ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"].every((wanted) =>
    open.some(({ action }) => action === wanted),
  );
}

/** As IAM compares ARNs: `*` stands for any text, `?` for any one character. */
function matches(pattern: string, arn: string): boolean {
  const escaped = pattern
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${escaped}$`).test(arn);
}
