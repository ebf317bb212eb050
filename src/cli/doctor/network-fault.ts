import { adviceFor, connectionErrorCode, connectionErrorType, diagnose } from '../../diagnosis/index.ts';
import { fail, type Finding } from './finding.ts';

/** A failed step of the network, with the code of what was thrown and what the tables say of it. */
export function connectionFinding(
  title: string,
  error: unknown,
  facts: Readonly<Record<string, string | number>> = {},
): Finding {
  const code = connectionErrorCode(error);
  const errorType = connectionErrorType(error);
  const { meaning, check, fix, runbook } = adviceFor(diagnose({ error }));
  return fail(`${title}: ${code ?? errorType}`, {
    meaning,
    next: `Check: ${check} Then: ${fix}`,
    runbook,
    facts: { ...facts, error_type: errorType, ...(code !== undefined && { code }) },
  });
}
