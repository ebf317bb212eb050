import { registerLoaderHook } from './loader/register.ts';

registerLoaderHook();
