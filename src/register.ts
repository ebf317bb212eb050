import { isWanted } from './preload/claim.ts';
import { loadSafely } from './preload/load-safely.ts';

if (isWanted(process.env)) loadSafely();
