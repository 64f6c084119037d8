// A process that is a Deno KV engine: started, on Deno, with a file.
import process from 'node:process'
import { denoKvStore } from 'portcullis/stores/deno-kv'
import { serve } from './process.mjs'

serve(denoKvStore(await Deno.openKv(process.argv[2])))
