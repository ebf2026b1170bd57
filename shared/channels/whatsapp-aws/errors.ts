import type { ErrorTable } from "../../domain/provider-error.ts";
import { errors as meta } from "../../whatsapp-platform/errors.ts";

/**
 * Meta's codes, where AWS passes them on, and AWS's own exceptions
 * (https://docs.aws.amazon.com/social-messaging/latest/APIReference/API_SendWhatsAppMessage.html). An exception of AWS's
 * that stands for a failed server is none of them: the message may have gone out.
 */
export const errors: ErrorTable = {
  classes: {
    ...meta.classes,
    auth: [
      ...(meta.classes.auth ?? []),
      ...["AccessDeniedException", "AccessDeniedByMetaException", "UnrecognizedClientException"],
      ...["IncompleteSignatureException", "MissingAuthenticationTokenException", "NotAuthorized", "OptInRequired"],
    ],
    account: [...(meta.classes.account ?? []), "ResourceNotFoundException"],
    payload: [...(meta.classes.payload ?? []), "InvalidParametersException", "ValidationException"],
    rate: [...(meta.classes.rate ?? []), "ThrottledRequestException", "ThrottlingException", "LimitExceededException"],
    // Of the function's own credentials, which AWS renews by itself.
    transient: [...(meta.classes.transient ?? []), "ExpiredTokenException", "InvalidSignatureException"],
  },
  waits: {
    ...meta.waits,
    ThrottledRequestException: { scope: "account", seconds: 2 },
    ThrottlingException: { scope: "account", seconds: 2 },
    LimitExceededException: { scope: "account", seconds: 60 },
  },
};

/** Meta's code in AWS's words for what Meta refused: as Meta writes it in sentences, or in its JSON. */
export function metaCodeIn(words: string): string | undefined {
  const [, inSentence] = /\(#(\d{1,7})\)/.exec(words) ?? [];
  const [, inJson] = /"code\\*"\s*:\s*\\*"?(\d{1,7})\b/.exec(words) ?? [];
  const [, named] = /\berror code:?\s*(\d{1,7})\b/i.exec(words) ?? [];
  return inSentence ?? inJson ?? named;
}
