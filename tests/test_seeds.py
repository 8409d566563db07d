import hashlib

from tests.conftest import SEEDS

DIGESTS = {
    "000_b3e07ac0b9db7940.txt": "cffd1d41c1c22697789b27ede2657e2895e37ea579a8415ffef80cea4a11bd7c",
    "001_94b5f37b355229ad.txt": "0b1c2fdfe40780ab6606d21006d34aba080822db8f4872888ed0d49f4620d334",
    "002_a8009205d9c8d38f.txt": "b83056f46ff268fe8217951f5f214ad98d5305558f9e8c934587ef401aea0b48",
    "003_06013959592ce9bf.txt": "3294c6abc3e5c7696541cbd92864db6861f373f5f24f11f44c461ef1edae4891",
    "004_187b5bfb83d8bfaf.txt": "60e51da834bcc4c195d79e8d4be7d19863f3b7af9c8ed14b9e49c7cd3b6826d5",
}


def test_the_seeds_are_the_articles_byte_for_byte() -> None:
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in SEEDS.iterdir()} == DIGESTS
