# aiohttp: URL COUNT IN_FLIGHT; prints the seconds that all took, and those of the processor.
import asyncio
import sys
import time

import aiohttp


async def main(url, count, in_flight):
    left = count

    async def work(session):
        nonlocal left
        while left > 0:
            left -= 1
            async with session.get(url) as response:
                await response.read()

    connector = aiohttp.TCPConnector(limit=in_flight)
    async with aiohttp.ClientSession(connector=connector) as session:
        began, used = time.monotonic(), time.process_time()
        await asyncio.gather(*(work(session) for _ in range(in_flight)))
        print(time.monotonic() - began, time.process_time() - used, flush=True)


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
