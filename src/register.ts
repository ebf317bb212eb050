import { startPreload } from './preload/start.ts';

startPreload();
