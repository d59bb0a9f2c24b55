#include "cfaiss.h"
#include "ckernels.h"

#include <algorithm>
#include <exception>
#include <string>

#include <faiss/IndexFlat.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexScalarQuantizer.h>
#if __has_include(<faiss/impl/DistanceComputer.h>)
#include <faiss/impl/DistanceComputer.h>
#else // FAISS 1.7.2
#include <faiss/impl/AuxIndexStructures.h>
#endif
#include <faiss/impl/io.h>
#include <faiss/index_io.h>
#include <omp.h>

namespace {

thread_local std::string last_error;

// Runs body, turning every exception into -1 and a message.
template <typename Body> int guarded(Body body) {
    try {
        last_error.clear();
        omp_set_num_threads(1);
        body();
        return 0;
    } catch (const std::exception &error) {
        try {
            last_error = error.what();
        } catch (...) {
        }
    } catch (...) {
        try {
            last_error = "unknown C++ exception";
        } catch (...) {
        }
    }
    return -1;
}

struct SinkWriter : faiss::IOWriter {
    cfaiss_sink sink;
    void *context;

    SinkWriter(cfaiss_sink sink, void *context) : sink(sink), context(context) { name = "sink"; }

    size_t operator()(const void *bytes, size_t size, size_t items) override {
        if (size == 0 || items == 0) return items;
        return sink(context, bytes, size * items) == 0 ? items : 0;
    }
};

void write_empty(faiss::Index &index, size_t rows, cfaiss_sink sink, void *context) {
    index.ntotal = static_cast<int64_t>(rows);
    index.is_trained = true;
    SinkWriter writer(sink, context);
    faiss::write_index(&index, &writer);
}

// Inner products by our kernel: a FAISS built for every x86-64 processor computes them one element at a time, and a
// graph takes some ten thousand of them a row.
struct KernelDistances : faiss::DistanceComputer {
    const float *vectors;
    size_t dimension;
    const float *query = nullptr;

    KernelDistances(const faiss::IndexFlat &index)
        : vectors(reinterpret_cast<const float *>(index.codes.data())), dimension(index.d) {}

    void set_query(const float *x) override { query = x; }

    float operator()(int64_t i) override { return product(i, query); }

    float symmetric_dis(int64_t i, int64_t j) override { return product(i, vectors + j * dimension); }

    float product(int64_t row, const float *other) const {
        float score;
        ck_inner_products_float(vectors + row * dimension, 1, dimension, other, &score);
        return score;
    }
};

struct KernelFlat : faiss::IndexFlat {
    explicit KernelFlat(size_t dimension)
        : IndexFlat(static_cast<int64_t>(dimension), faiss::METRIC_INNER_PRODUCT) {}

    // FAISS 1.7.2 has no narrower function to override; later versions come through this one as well.
    faiss::DistanceComputer *get_distance_computer() const override { return new KernelDistances(*this); }
};

} // namespace

#define CFAISS_TEXT(x) #x
#define CFAISS_VERSION(a, b, c) CFAISS_TEXT(a) "." CFAISS_TEXT(b) "." CFAISS_TEXT(c)

extern "C" const char *cfaiss_version(void) {
    return CFAISS_VERSION(FAISS_VERSION_MAJOR, FAISS_VERSION_MINOR, FAISS_VERSION_PATCH);
}

extern "C" const char *cfaiss_last_error(void) { return last_error.c_str(); }

extern "C" int cfaiss_write_header(enum cfaiss_kind kind, size_t dimension, size_t rows, const float *trained,
                                   cfaiss_sink sink, void *context) {
    return guarded([&] {
        if (kind == CFAISS_FLAT) {
            faiss::IndexFlat index(static_cast<int64_t>(dimension), faiss::METRIC_INNER_PRODUCT);
            write_empty(index, rows, sink, context);
            return;
        }
        auto type = kind == CFAISS_HALF ? faiss::ScalarQuantizer::QT_fp16 : faiss::ScalarQuantizer::QT_8bit;
        faiss::IndexScalarQuantizer index(static_cast<int>(dimension), type, faiss::METRIC_INNER_PRODUCT);
        if (kind == CFAISS_BYTE) index.sq.trained.assign(trained, trained + 2 * dimension);
        write_empty(index, rows, sink, context);
    });
}

extern "C" int cfaiss_byte_train(size_t dimension, size_t rows, const float *vectors, float *trained) {
    return guarded([&] {
        faiss::ScalarQuantizer quantizer(dimension, faiss::ScalarQuantizer::QT_8bit);
        quantizer.train(rows, vectors);
        std::copy(quantizer.trained.begin(), quantizer.trained.end(), trained);
    });
}

extern "C" int cfaiss_byte_encode(size_t dimension, const float *trained, size_t rows, const float *vectors,
                                  uint8_t *codes) {
    return guarded([&] {
        faiss::ScalarQuantizer quantizer(dimension, faiss::ScalarQuantizer::QT_8bit);
        quantizer.trained.assign(trained, trained + 2 * dimension);
        quantizer.compute_codes(vectors, codes, rows);
    });
}

extern "C" int cfaiss_hnsw_write(size_t dimension, size_t links, size_t construction_breadth, size_t rows,
                                 const float *vectors, cfaiss_sink sink, void *context) {
    return guarded([&] {
        faiss::IndexHNSWFlat index(static_cast<int>(dimension), static_cast<int>(links), faiss::METRIC_INNER_PRODUCT);
        delete index.storage;
        index.storage = nullptr;
        index.storage = new KernelFlat(dimension);
        index.hnsw.efConstruction = static_cast<int>(construction_breadth);
        if (rows > 0) index.add(static_cast<int64_t>(rows), vectors);
        SinkWriter writer(sink, context);
        faiss::write_index(&index, &writer);
    });
}
