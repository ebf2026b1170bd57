import type { ErrorTable } from "../../domain/provider-error.ts";

/**
 * The reasons of AWS's exceptions and their names, most exact first
 * (https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_SendTextMessage.html), and what its events
 * call a failure; the classes are ours. A failed server of AWS's is none of them: the message may have gone out.
 */
export const errors: ErrorTable = {
  classes: {
    auth: [
      ...["AccessDeniedException", "UnrecognizedClientException", "IncompleteSignatureException"],
      ...["MissingAuthenticationTokenException", "NotAuthorized", "OptInRequired"],
    ],
    account: [
      // The account: state, reputation, money, sandbox.
      ...["ACCOUNT_DISABLED", "INSUFFICIENT_ACCOUNT_REPUTATION", "DESTINATION_PHONE_NUMBER_NOT_VERIFIED"],
      ...["MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT", "MONTHLY_SPEND_LIMIT_REACHED_FOR_MEDIA"],
      "ServiceQuotaExceededException",
      // Its sender: registration, country, abilities.
      ...["NO_ORIGINATION_IDENTITIES_FOUND", "NUMBER_CAPABILITIES_MISMATCH", "MESSAGE_TYPE_MISMATCH"],
      ...["SENDER_ID_REQUIRES_REGISTRATION", "SENDER_ID_NOT_REGISTERED", "SENDER_ID_NOT_SUPPORTED"],
      ...["COUNTRY_NOT_ENABLED", "INVALID_IDENTITY_FOR_DESTINATION_COUNTRY", "INTERNATIONAL_SENDING_NOT_SUPPORTED"],
      ...["CHANNEL_NOT_ENABLED", "RESOURCE_NOT_ACTIVE", "RESOURCE_NOT_ACCESSIBLE", "REGISTRATION_NOT_COMPLETE"],
      ...["KEYWORD_MISMATCH", "INVALID_ARN", "ResourceNotFoundException"],
    ],
    rate: ["ThrottlingException"],
    // Besides AWS's own events, the function's credentials, which AWS renews by itself.
    transient: ["CARRIER_UNREACHABLE", "UNREACHABLE", "FAILED", "ExpiredTokenException", "InvalidSignatureException"],
    expired: ["TTL_EXPIRED"],
    opted_out: ["DESTINATION_PHONE_NUMBER_OPTED_OUT"],
    unreachable: ["INVALID", "COUNTRY_CODE_MISMATCH"],
    policy: [
      ...["BLOCKED", "CARRIER_BLOCKED", "SPAM", "PROTECT_BLOCKED"],
      ...["DESTINATION_COUNTRY_BLOCKED", "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION"],
      ...["DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE", "PRICE_OVER_THRESHOLD"],
    ],
    payload: [
      ...["INVALID_MESSAGE", "FILE_INACCESSIBLE", "FILE_SIZE_EXCEEDED", "FILE_TYPE_UNSUPPORTED"],
      ...["MAXIMUM_SIZE_EXCEEDED", "MEDIA_TYPE_NOT_SUPPORTED", "ATTACHMENT_TYPE_NOT_SUPPORTED", "ValidationException"],
    ],
  },
  waits: {
    // A limit of message parts in a second.
    ThrottlingException: { scope: "account", seconds: 2 },
  },
};
