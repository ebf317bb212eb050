import { isWanted } from './preload/gate.ts';
import { loadSafely } from './preload/load-safely.ts';

if (isWanted(process.env)) {
  loadSafely();
}
