import { registerLoaderHook } from './loader-hook.ts';

registerLoaderHook();
