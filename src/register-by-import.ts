import { isWanted } from './preload/claim.ts';
import { loadSafelyByImport } from './preload/load-safely.ts';

// The preload where Node lets no ES module be required (without the condition `module-sync`), as on AWS Lambda. Node
// waits for it before the application, which an `await` here costs nothing: nobody can require this file.
if (isWanted(process.env)) await loadSafelyByImport();
